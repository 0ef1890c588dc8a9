import base64
import json
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import azure.functions as func
import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient, QueueServiceClient

from local.cloud import Cloud
from local.host import Trigger, host
from local.queue_listener import FAILED, connect_queues
from local.queue_trigger import QueueSettings
from photo_sync.settings import CONNECTION
from waiting import eventually

PROJECT = Path(__file__).parents[1]

Run = Callable[[func.QueueMessage], None]


def app_that(run: Run, queue: QueueClient) -> func.FunctionApp:
    app = func.FunctionApp()

    @app.queue_trigger(arg_name="message", queue_name=queue.queue_name, connection=CONNECTION)
    def handled(message: func.QueueMessage) -> None:
        run(message)

    return app


def running(app: func.FunctionApp, *, visibility: int = 300, **queues: object) -> AbstractContextManager[list[Trigger]]:
    return host(app, {"extensions": {"queues": queues}}, visibility=visibility)


@pytest.fixture
def queues(machine: Cloud) -> Iterator[QueueServiceClient]:
    with connect_queues(CONNECTION, machine.settings) as service:
        yield service


@pytest.fixture
def queue(queues: QueueServiceClient) -> QueueClient:
    """A queue of the test's own, as somebody sees it who uses it without any help."""
    return queues.create_queue(f"work-{uuid.uuid4().hex}")


def encoded(body: str | bytes) -> str:
    return base64.b64encode(body.encode() if isinstance(body, str) else body).decode()


def poison(queues: QueueServiceClient, queue: QueueClient) -> list[str]:
    """What lies in the poison queue, as it is there."""
    client = queues.get_queue_client(f"{queue.queue_name}-poison")
    try:
        return [message.content for message in client.peek_messages(max_messages=32)]
    except ResourceNotFoundError:
        return []


def waiting(queue: QueueClient) -> int:
    """How many messages there are, those that are worked on and the hidden ones included."""
    return queue.get_queue_properties().approximate_message_count or 0


# Messages


def test_a_message_fires_the_function_with_its_body_and_what_is_known_of_it(queue: QueueClient) -> None:
    seen = list[func.QueueMessage]()
    sent = queue.send_message(encoded('{"photo": "users/josé.jpg"}'))
    with running(app_that(seen.append, queue)):
        assert eventually(lambda: seen != [])
    (message,) = seen
    assert message.get_body() == '{"photo": "users/josé.jpg"}'.encode()
    assert message.get_json() == {"photo": "users/josé.jpg"}
    assert (message.id, message.dequeue_count) == (sent.id, 1)
    assert (message.insertion_time, message.expiration_time) == (sent.inserted_on, sent.expires_on)
    assert message.time_next_visible is not None
    assert message.pop_receipt


def test_a_message_that_was_handled_is_gone(queue: QueueClient) -> None:
    with running(app_that(lambda _message: None, queue)):
        queue.send_message(encoded("done"))
        assert eventually(lambda: waiting(queue) == 0)


def test_a_hidden_message_fires_when_its_time_has_come_and_holds_up_no_other(queue: QueueClient) -> None:
    seen = dict[bytes, float]()

    def run(message: func.QueueMessage) -> None:
        seen[message.get_body()] = time.monotonic()

    with running(app_that(run, queue)):
        began = time.monotonic()
        queue.send_message(encoded("later"), visibility_timeout=1)
        queue.send_message(encoded("now"))
        assert eventually(lambda: len(seen) == 2)
    assert seen[b"now"] < seen[b"later"]
    assert seen[b"later"] - began > 0.9


def test_the_host_makes_no_queue_and_waits_for_one_that_is_not_there(queues: QueueServiceClient) -> None:
    seen = list[bytes]()
    queue = queues.get_queue_client(f"late-{uuid.uuid4().hex}")
    with running(app_that(lambda message: seen.append(message.get_body()), queue)):
        queue.create_queue()  # it fails where there is one
        queue.send_message(encoded("here"))
        assert eventually(lambda: seen == [b"here"])


# Encodings


@pytest.mark.parametrize("content", ["plain text", '{"photo": "me.jpg"}', "YQ", "Y*Q=", "YQ==YQ=="])
def test_a_message_that_is_not_base64_goes_to_the_poison_queue_as_it_is_and_fires_nothing(
    content: str, queues: QueueServiceClient, queue: QueueClient, caplog: pytest.LogCaptureFixture
) -> None:
    seen = list[func.QueueMessage]()
    with running(app_that(seen.append, queue)):
        id_ = queue.send_message(content).id
        assert eventually(lambda: waiting(queue) == 0)
    assert poison(queues, queue) == [content]
    assert seen == []
    assert f"Message {id_} of {queue.queue_name} is not encoded as host.json says" in caplog.text


@pytest.mark.parametrize("content", ["YW5k\r\nIHNv\n", ""])
def test_base64_is_read_as_dotnet_reads_it(content: str, queue: QueueClient) -> None:
    seen = list[bytes]()
    with running(app_that(lambda message: seen.append(message.get_body()), queue)):
        queue.send_message(content)
        assert eventually(lambda: seen == [base64.b64decode(content)])


def test_with_no_encoding_the_text_is_the_body(queue: QueueClient) -> None:
    seen = list[bytes]()
    with running(app_that(lambda message: seen.append(message.get_body()), queue), messageEncoding="none"):
        queue.send_message("<josé> & YQ==")
        assert eventually(lambda: seen == ["<josé> & YQ==".encode()])


def test_a_body_that_is_no_text_fails_and_is_kept(queues: QueueServiceClient, queue: QueueClient) -> None:
    seen = list[func.QueueMessage]()
    with running(app_that(seen.append, queue), maxDequeueCount=2):
        queue.send_message(encoded(b"\xff\xfe"))
        assert eventually(lambda: poison(queues, queue) == [encoded(b"\xff\xfe")])
    assert seen == []


# Failures


def test_a_message_that_keeps_failing_goes_to_the_poison_queue_as_it_is(
    queues: QueueServiceClient, queue: QueueClient, caplog: pytest.LogCaptureFixture
) -> None:
    counts = list[int | None]()

    def run(message: func.QueueMessage) -> None:
        counts.append(message.dequeue_count)
        raise ValueError("no good")

    with running(app_that(run, queue), maxDequeueCount=3):
        id_ = queue.send_message(encoded("bad")).id
        assert eventually(lambda: waiting(queue) == 0)
    assert counts == [1, 2, 3]
    assert poison(queues, queue) == [encoded("bad")]
    told = [record.getMessage() for record in caplog.records if FAILED in record.getMessage()]
    about = f"message {id_} of {queue.queue_name}"
    assert told == [f"{FAILED}, {attempt} of 3 for {about}: ValueError: no good" for attempt in (1, 2, 3)]


def test_a_message_that_succeeds_in_the_end_leaves_nothing_behind(
    queues: QueueServiceClient, queue: QueueClient
) -> None:
    def run(message: func.QueueMessage) -> None:
        if message.dequeue_count != 2:
            raise ConnectionError

    with running(app_that(run, queue)):
        queue.send_message(encoded("at last"))
        assert eventually(lambda: waiting(queue) == 0)
    assert poison(queues, queue) == []


def test_a_message_that_failed_stays_hidden_as_long_as_host_json_says(queue: QueueClient) -> None:
    tries = list[float]()

    def run(_message: func.QueueMessage) -> None:
        tries.append(time.monotonic())
        if len(tries) == 1:
            raise ConnectionError

    with running(app_that(run, queue), visibilityTimeout="00:00:01"):
        queue.send_message(encoded("again"))
        assert eventually(lambda: len(tries) == 2)
    assert tries[1] - tries[0] > 0.9


def test_a_message_that_was_taken_too_often_fires_nothing_any_more(
    queues: QueueServiceClient, queue: QueueClient
) -> None:
    seen = list[func.QueueMessage]()
    queue.send_message(encoded("deadly"))
    for _process_that_died in range(2):
        taken = queue.receive_message()
        assert taken is not None
        queue.update_message(taken, visibility_timeout=0)
    with running(app_that(seen.append, queue), maxDequeueCount=2):
        assert eventually(lambda: poison(queues, queue) == [encoded("deadly")])
    assert seen == []


@pytest.mark.parametrize("name", ["of-{}-poison", "long-{}-abcdefghijklmnopqrst"])
def test_a_queue_that_can_have_no_poison_queue_keeps_its_message_and_fires_nothing_any_more(
    name: str, queues: QueueServiceClient, caplog: pytest.LogCaptureFixture
) -> None:
    queue = queues.create_queue(name.format(uuid.uuid4().hex))
    tries = list[float]()

    def run(_message: func.QueueMessage) -> None:
        tries.append(time.monotonic())
        raise ValueError

    with running(app_that(run, queue), maxDequeueCount=2, visibility=1):
        queue.send_message(encoded("lost"))
        assert eventually(lambda: "no function gets it any more" in caplog.text)
    assert len(tries) == 2
    assert tries[1] - tries[0] > 0.9
    assert waiting(queue) == 1
    assert [found.name for found in queues.list_queues(name_starts_with=queue.queue_name)] == [queue.queue_name]


# How many at once


@pytest.mark.parametrize(("batch", "threshold"), [(1, 0), (2, 1)])
def test_so_many_runs_are_at_the_same_time_and_no_more(queue: QueueClient, batch: int, threshold: int) -> None:
    parallel = batch + threshold
    lock, together = threading.Lock(), threading.Barrier(parallel)
    now, most, done = 0, 0, 0

    def run(_message: func.QueueMessage) -> None:
        nonlocal now, most, done
        with lock:
            now += 1
            most = max(most, now)
        together.wait(timeout=10)  # nobody goes on before so many are here
        time.sleep(0.1)
        with lock:
            now -= 1
            done += 1

    for _ in range(2 * parallel):
        queue.send_message(encoded("work"))
    with running(app_that(run, queue), batchSize=batch, newBatchThreshold=threshold):
        assert eventually(lambda: done == 2 * parallel)
    assert most == parallel


# Settings


@pytest.mark.parametrize(
    ("queues", "parallel", "tries", "pause"),
    [
        ({}, 24, 5, 0),
        ({"batchSize": 2, "newBatchThreshold": 2, "maxDequeueCount": 7, "visibilityTimeout": "00:00:30"}, 4, 7, 30),
        ({"batchSize": 1, "visibilityTimeout": "6.01:01:01", "maxPollingInterval": "00:00:10"}, 1, 5, 522_061),
    ],
)
def test_the_settings_are_host_jsons_or_the_hosts_own(
    queues: dict[str, object], parallel: int, tries: int, pause: int
) -> None:
    settings = QueueSettings.read(queues)
    assert (settings.parallel, settings.tries, settings.pause) == (parallel, tries, pause)


@pytest.mark.parametrize(
    ("name", "value", "needed"),
    [
        ("batchSize", 33, "a whole number from 1 to 32"),
        ("batchSize", True, "a whole number from 1 to 32"),
        ("newBatchThreshold", -1, "a whole number of at least 0"),
        ("maxDequeueCount", "5", "a whole number of at least 1"),
        ("visibilityTimeout", 30, "a time such as 00:00:30"),
        ("messageEncoding", "utf-8", "base64 or none"),
    ],
)
def test_a_setting_that_the_host_would_refuse_is_refused(name: str, value: object, needed: str) -> None:
    with pytest.raises(RuntimeError) as refusal:
        QueueSettings.read({name: value})
    assert str(refusal.value) == f"The local host cannot read host.json: {name} of queues is {value!r}, not {needed}."


# Several processes

FUNCTIONS = """
import os, pathlib, time
import azure.functions as func

app = func.FunctionApp()
told = pathlib.Path("told")

@app.queue_trigger(arg_name="message", queue_name=os.environ["QUEUE"], connection="PhotoStorage")
def handled(message: func.QueueMessage) -> None:
    process, text = os.getpid(), message.get_body().decode()
    with told.open("a") as file:
        file.write(f"{process} began {text}\\n")
    time.sleep(60 if pathlib.Path("hang").exists() else 0.1)
    with told.open("a") as file:
        file.write(f"{process} ended {text}\\n")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An app of one function, which runs one message at a time and tells it in the file `told`."""
    (tmp_path / "function_app.py").write_text(FUNCTIONS)
    queues = {"batchSize": 1, "newBatchThreshold": 0}
    (tmp_path / "host.json").write_text(json.dumps({"extensions": {"queues": queues}}))
    (tmp_path / "told").touch()
    return tmp_path


@contextmanager
def process(folder: Path, settings: dict[str, str], visibility: int) -> Iterator[subprocess.Popen[str]]:
    """A host process of its own; it is killed when the block ends."""
    command = [sys.executable, "-m", "local.host", "--no-events", "--visibility", str(visibility)]
    environ = settings | {"PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(  # noqa: S603 - the command is ours
        command, cwd=folder, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None
        assert any("The local host is up." in line for line in started.stdout)
        try:
            yield started
        finally:
            started.kill()


def told(folder: Path, what: str) -> list[tuple[int, str]]:
    """Which process began or ended which message, in that order."""
    lines = [line.split(maxsplit=2) for line in (folder / "told").read_text().splitlines()]
    return [(int(id_), text) for id_, verb, text in lines if verb == what]


def test_two_processes_share_a_queue_and_each_message_is_handled_once(
    machine: Cloud, queue: QueueClient, folder: Path
) -> None:
    settings, texts = machine.settings | {"QUEUE": queue.queue_name}, [f"message {at}" for at in range(12)]
    with ExitStack() as stack:
        processes = [stack.enter_context(process(folder, settings, visibility=300)) for _ in range(2)]
        for text in texts:
            queue.send_message(encoded(text))
        assert eventually(lambda: waiting(queue) == 0)
    ended = told(folder, "ended")
    assert Counter(text for _, text in ended) == Counter(texts)
    assert {id_ for id_, _ in ended} == {started.pid for started in processes}


def test_a_message_whose_process_was_killed_comes_back_and_another_process_handles_it(
    machine: Cloud, queues: QueueServiceClient, queue: QueueClient, folder: Path
) -> None:
    settings = machine.settings | {"QUEUE": queue.queue_name}
    (folder / "hang").touch()
    with process(folder, settings, visibility=2) as first:
        queue.send_message(encoded("precious"))
        assert eventually(lambda: told(folder, "began") == [(first.pid, "precious")])
        first.kill()
    (folder / "hang").unlink()
    with process(folder, settings, visibility=2) as second:
        assert eventually(lambda: waiting(queue) == 0)
    assert told(folder, "ended") == [(second.pid, "precious")]
    assert poison(queues, queue) == []
