"""The status page, in a real browser, before an app that runs as the Functions host runs it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import azure.functions as func
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from local.cloud import Cloud
from local.host import host
from local.http_trigger import HttpTrigger
from photo_sync.doctor import Check, State
from photo_sync.errors import SettingsError
from photo_sync.page.document import document
from photo_sync.page.site import StatusPage
from photo_sync.settings import PHOTOS, Settings
from photo_sync.sync import PhotoSync
from photo_sync.wiring import connect, once
from pictures import plain
from status_receipts import NOW, REASON, receipt, write

ADA = "users/ada@contoso.com.jpg"
CHECKS = [Check("settings", State.GREEN, "All settings can be read.")]
HOSTILE = [
    """users/<img src=x onerror="executed=1">.jpg""",
    """users/"><script>executed=2</script>.jpg""",
    "users/\u202egpj.evil.jpg",
    "users/`${executed=3}`'\\'.jpg",
    f"users/{'x' * 400}.jpg",
    "javascript:executed=4//.jpg",
]


@contextmanager
def serving(page: StatusPage) -> Iterator[HttpTrigger]:
    """The page's function, as function_app.py has it, before a host that checks its key."""
    app = func.FunctionApp()

    @app.route("status/{view?}", methods=["GET"])
    def status_page(req: func.HttpRequest) -> func.HttpResponse:
        reply = page.reply(req.route_params.get("view", ""), req.params, req.headers)
        return func.HttpResponse(reply.body, status_code=reply.status, headers=reply.headers, mimetype=reply.media_type)

    with host(app, {}) as (trigger,):
        assert isinstance(trigger, HttpTrigger)
        yield trigger


@pytest.fixture
def job(machine: Cloud) -> PhotoSync:
    return connect(Settings.from_env(machine.settings))


@pytest.fixture
def trigger(job: PhotoSync) -> Iterator[HttpTrigger]:
    with serving(StatusPage(once(lambda: job), lambda: CHECKS, {}, largest=3)) as serving_:
        yield serving_


@pytest.fixture
def page(browser: Browser, trigger: HttpTrigger) -> Iterator[Page]:
    """A tab; a test in which it complains of anything but what is not there, or asks others, fails."""
    complaints, asked = list[str](), set[str]()
    with browser.new_page(viewport={"width": 1100, "height": 800}) as opened:
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda message: complaints.append(f"{message.text} {message.location['url']}"))
        opened.on("request", lambda request: asked.add(request.url))
        yield opened
    assert [told for told in complaints if not re.search("(404|500) .*/status/(photo|receipt)[?]", told)] == []
    origin = trigger.root.removesuffix("/api")
    assert [url for url in asked if not url.startswith((f"{origin}/api/status", f"blob:{origin}", "data:"))] == []


def opened(page: Page, trigger: HttpTrigger, fragment: str = "") -> Page:
    """The page when it has counted everything."""
    page.goto(trigger.address + fragment)
    page.locator("#looked:not(:empty)").wait_for()
    return page


def expect_names(page: Page, *names: str) -> None:
    """Wait until the list shows these files, and no others."""
    expect(page.locator("#rows .name")).to_have_text([*names])


def figures(page: Page) -> dict[str, str]:
    return dict(text.split("\n")[1::-1] for text in page.locator(".figure:visible").all_inner_texts())


def sync(machine: Cloud, job: PhotoSync, name: str = ADA, edge: int = 64) -> None:
    machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain(width=edge, height=edge), overwrite=True)
    job.sync(name)


# What it shows


def test_before_the_first_picture_it_says_how_to_drop_one(page: Page, trigger: HttpTrigger) -> None:
    opened(page, trigger)
    expect(page.get_by_role("status")).to_have_text("No photos yet.")
    expect(page.get_by_role("heading", name="Drop a picture")).to_be_visible()
    expect(page.locator(".figure").first).to_be_hidden()


def test_where_everything_is_in_place_it_says_so(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job)
    opened(page, trigger)
    expect(page.get_by_role("status")).to_have_text("Everything is in place.")
    expect(page.locator("#lead")).to_have_text("1 photo is in Microsoft 365.")
    expect(page.locator("#none")).to_contain_text("Every file is in place.")


def test_outcomes_are_counted_over_all_parts_of_the_listing(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *(receipt(f"users/{at}.jpg", "synced") for at in range(4)))
    write(machine, *(receipt(f"users/x{at}.jpg", "rejected") for at in range(3)))
    write(machine, receipt("users/y.jpg", "retrying"), receipt("users/z.jpg", "removed"))
    opened(page, trigger)
    assert figures(page) == {
        "Synced": "4",
        "Unchanged": "0",
        "Retrying": "1",
        "Rejected": "3",
        "Failed": "0",
        "Removed": "1",
    }
    expect(page.get_by_role("status")).to_have_text("3 files need a hand.")
    assert page.title() == "3 to mend · photo-sync"


def test_what_is_not_in_place_stands_there_with_what_is_wrong_and_what_to_do(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, receipt(ADA, "rejected"), receipt("users/b.jpg", "retrying"), receipt("users/c.jpg"))
    opened(page, trigger)
    expect_names(page, ADA, "users/b.jpg")
    wrong, remedy = REASON.split(". ")
    row = page.locator(".row").first
    expect(row.locator(".wrong")).to_have_text(f"{wrong}.")
    expect(row.locator(".remedy")).to_have_text(remedy)
    expect(row.locator(".badge")).to_have_text("Rejected")
    expect(page.locator(".row").nth(1).locator(".due")).to_have_text(re.compile(r"Next try in (9|10) minutes"))


def test_files_that_the_app_has_not_seen_are_told_and_no_page_says_that_all_is_in_place(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    for name in (ADA, "users/b.jpg"):
        machine.blobs.get_blob_client(PHOTOS, name).upload_blob(plain())
    opened(page, trigger)
    expect(page.get_by_role("status")).to_have_text("2 files wait for the app.")
    expect(page.locator("#lead")).to_have_text(
        "The oldest of them was uploaded just now. 0 photos are in Microsoft 365."
    )
    expect(page.locator("#first")).to_be_hidden()
    expect(page.locator("#heading")).to_have_text("Not in place yet")
    assert figures(page)["Waiting"] == "2"
    expect_names(page, ADA, "users/b.jpg")
    expect(page.locator(".wrong").first).to_have_text("The app has not seen this file yet.")
    page.get_by_role("button", name="Waiting").click()
    expect(page.locator("#heading")).to_have_text("Waiting")
    page.locator("#search").fill("ADA")
    expect_names(page, ADA)
    page.locator(".row .name").click()
    expect(page.locator("#sheet-badge .badge")).to_have_text("Waiting")


def test_a_file_that_waits_stands_below_those_that_need_a_hand(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(plain())
    write(machine, receipt("users/b.jpg", "rejected"))
    opened(page, trigger)
    expect(page.get_by_role("status")).to_have_text("1 file needs a hand.")
    expect(page.locator("#lead")).to_contain_text(", 1 file waits for the app.")
    expect_names(page, "users/b.jpg", ADA)
    expect(page.locator("#open-count")).to_have_text("2")


SHORT = {
    "users/christopher.johnson.jpg": "christopher.johnson",
    "users/EMP-0000123456789.jpg": "EMP-0000123456789",
    "users/ada@contoso.com.jpg": "ada",
    "users/6e6f5a2e-0c1d-4f7b-9a55-3b1f0f6a7c01.jpg": "User",
    f"groups/{'x' * 40}.png": "Group",
    "contacts/AAMkAGI2.png": "Contact",
}


def test_people_are_called_by_what_says_who_they_are(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *map(receipt, SHORT), receipt("users/b.jpg", "retrying", due=NOW - timedelta(days=900)))
    opened(page, trigger)
    assert sorted(page.locator("#faces .name").all_inner_texts()) == sorted(SHORT.values())
    expect(page.locator(".due")).to_have_text("Its next try is due")


REASONS = [
    ("“Dr. No.jpg” is in no folder. Put it into users/.", "“Dr. No.jpg” is in no folder.", "Put it into users/."),
    ("One sentence only.", "One sentence only.", ""),
    ("This file has 1.5 GB. Make it smaller. Soon.", "This file has 1.5 GB.", "Make it smaller. Soon."),
    ("`me` is nobody. Type `photo-sync put me`.", "me is nobody.", "Type photo-sync put me."),
    ("No full stop", "No full stop", ""),
]


def test_a_reasons_first_sentence_is_what_is_wrong_and_the_rest_what_to_do(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, *(receipt(f"users/{at}.jpg", "failed", reason=row[0]) for at, row in enumerate(REASONS)))
    opened(page, trigger)
    expect(page.locator(".wrong")).to_have_text([wrong for _, wrong, _ in REASONS])
    expect(page.locator(".remedy")).to_have_text([remedy for _, _, remedy in REASONS if remedy])


def test_the_newest_photos_are_shown_as_they_were_sent(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job, edge=72)
    opened(page, trigger)
    expect(page.locator("#faces img")).to_have_js_property("naturalWidth", 72)
    expect(page.locator("#faces .name")).to_have_text("ada")


def test_a_face_that_did_not_come_is_asked_for_again(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job)
    page.route("**/status/photo**", lambda route: route.fulfill(status=500))
    with page.expect_response(re.compile("/status/photo")):
        opened(page, trigger)
    page.unroute_all()
    page.get_by_role("button", name="Look again").click()
    page.locator("#faces img").wait_for()


def part_of_many(route: Route) -> None:
    """One of nine parts of a listing, each with twenty photos that are newer than all before."""
    at = int(parse_qs(urlsplit(route.request.url).query).get("token", ["0"])[0])
    newest = [
        {"photo": f"users/{at}-{number}.jpg", "etag": "0x1", "outcome": "synced", "code": "", "reason": "", "due": ""}
        | {"written": (NOW + timedelta(hours=at)).isoformat()}
        for number in range(20)
    ]
    after = str(at + 1) if at < 8 else ""
    route.fulfill(json={"counts": {"synced": 20}, "newest": newest, "lines": [], "more": False, "next": after})


def answer_photo(route: Route) -> None:
    route.fulfill(body=plain(), content_type="image/jpeg")


def test_in_a_long_listing_no_face_is_asked_for_that_is_not_shown_any_more(page: Page, trigger: HttpTrigger) -> None:
    asked, held = list[str](), list[Route]()
    page.on("request", lambda request: asked.append(request.url) if "/status/photo" in request.url else None)
    page.route("**/status/listing**", part_of_many)
    page.route("**/status/photo**", lambda route: held.append(route))  # noqa: PLW0108 - a built-in is not taken
    opened(page, trigger)
    page.route("**/status/photo**", answer_photo)
    for route in held:
        answer_photo(route)
    expect(page.locator("#faces img")).to_have_count(20)
    assert len([url for url in asked if "name=users%2F8-" not in url]) <= 2


def test_what_has_no_photo_any_more_is_a_plain_figure(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, receipt("users/b.jpg", "rejected"))
    opened(page, trigger)
    expect(page.locator(".row .face svg")).to_be_visible()
    assert page.locator("main img").count() == 0


# Finding a file


def test_a_figure_shows_its_files_and_shows_the_rest_again(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, receipt("users/a.jpg"), receipt("users/b.jpg", "rejected"), receipt("users/c.jpg", "failed"))
    opened(page, trigger)
    failed = page.get_by_role("button", name="Failed")
    failed.click()
    expect(page.get_by_role("heading", name="Failed")).to_be_visible()
    expect_names(page, "users/c.jpg")
    expect(failed).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.locator("#looked:not(:empty)").wait_for()
    expect_names(page, "users/c.jpg")
    failed.click()
    expect(page.locator("#heading")).to_have_text("Not in place yet")
    expect_names(page, "users/b.jpg", "users/c.jpg")


def test_pressing_a_figure_on_a_phone_brings_its_files_into_view(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, *(receipt(f"users/{at}.jpg", "rejected") for at in range(3)))
    page.set_viewport_size({"width": 360, "height": 400})
    opened(page, trigger, "#show=constructor")
    expect(page.locator("#heading")).to_have_text("Not in place yet")
    assert page.evaluate("scrollY") == 0
    page.get_by_role("button", name="Rejected").click()
    expect(page.locator(".row").first).to_be_in_viewport(ratio=1)


def test_a_search_finds_what_is_in_any_part_of_the_listing(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *(receipt(f"users/{at}.jpg") for at in range(8)), receipt("users/Zoë@contoso.com.jpg"))
    opened(page, trigger)
    page.keyboard.press("/")
    page.keyboard.type("ZOË")
    expect(page.locator(".row")).to_have_count(1)
    expect_names(page, "users/Zoë@contoso.com.jpg")
    expect(page.locator("#heading")).to_have_text("Files with “ZOË”")
    page.keyboard.type("x")
    expect(page.locator("#none")).to_have_text("Nothing is named so among all files.")
    page.get_by_role("button", name="Failed").click()
    expect(page.locator("#heading")).to_have_text("Failed with “ZOËx”")
    expect(page.locator("#search")).to_have_attribute("placeholder", "Search failed files")


def test_a_long_list_is_shown_step_by_step(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *(receipt(f"users/{at:03}.jpg", "failed") for at in range(54)))
    opened(page, trigger)
    expect(page.locator(".row")).to_have_count(51)
    page.get_by_role("button", name="Show more").press("Enter")
    expect_names(page, *(f"users/{at:03}.jpg" for at in range(54)))
    expect(page.get_by_role("button", name="users/051.jpg, details")).to_be_focused()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_of_one_part_with_many_that_fit_none_is_left_out(browser: Browser, machine: Cloud, job: PhotoSync) -> None:
    write(machine, *(receipt(f"users/{at:03}.jpg", "failed") for at in range(60)))
    with serving(StatusPage(lambda: job, lambda: CHECKS, {})) as trigger, browser.new_page() as page:
        opened(page, trigger)
        for shown in (50, 60):
            expect(page.locator(".row")).to_have_count(shown)
            page.locator("#further").evaluate("each => each.click()")
        expect_names(page, *(f"users/{at:03}.jpg" for at in range(60)))


# One photo in full


def test_a_name_opens_what_is_known_of_the_photo_and_escape_closes_it(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job)
    opened(page, trigger, "#show=all")
    page.get_by_role("button", name=f"{ADA}, details").last.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name=ADA)
    expect(sheet.get_by_text("/users/ada%40contoso.com/photo/$value")).to_be_visible()
    expect(sheet.get_by_text("client-request-id")).to_be_visible()
    sheet.get_by_alt_text(f"The photo of {ADA}, as it was sent").wait_for()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator(".row .name")).to_be_focused()


def test_a_photo_whose_file_was_replaced_since_says_so(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job)
    opened(page, trigger, "#show=all")
    machine.blobs.get_blob_client(PHOTOS, ADA).upload_blob(b"new", overwrite=True)
    page.locator(".row .name").click()
    expect(page.locator(".note")).to_have_text("The file was replaced since. The new one has not become the photo yet.")


def test_an_open_sheet_follows_what_becomes_of_its_file_and_the_focus_goes_on_from_there(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    write(machine, receipt(ADA, "rejected"), receipt("users/b.jpg", "rejected"))
    page.clock.install()
    opened(page, trigger)
    page.locator(".row .name").first.press("Enter")
    expect(page.locator("#sheet .remedy")).to_be_visible()
    sync(machine, job)
    page.clock.run_for(16_000)
    expect(page.locator("#sheet-badge .badge")).to_have_text("Synced")
    expect(page.locator("#sheet .remedy")).to_be_hidden()
    expect_names(page, "users/b.jpg")
    page.keyboard.press("Escape")
    expect(page.locator(".row .name")).to_be_focused()


# Nobody's name does anything but be read


def test_a_hostile_name_is_text_everywhere(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *(receipt(name, "rejected", reason=f"“{name}” is wrong. Call it {name}") for name in HOSTILE))
    write(machine, *(receipt(f"groups/{at}{name}") for at, name in enumerate(HOSTILE)))
    opened(page, trigger, "#show=all&search=" + "%3Cimg")
    for name in HOSTILE[1:3]:
        page.locator("#search").fill(name)
        expect(page.locator("#heading")).to_have_text(f"All files with “{name}”")
    page.locator("#search").fill("evil")
    expect(page.locator(".row")).to_have_count(2)
    for at in range(2):
        page.locator(".row .name").nth(at).click()
        page.locator("#sheet dd").first.wait_for()
        page.keyboard.press("Escape")
    page.locator("#search").fill("onerror")
    expect(page.locator(".row .name").first).to_contain_text("<img src=x onerror=")
    assert page.locator("main img, main script, main a").count() == 0
    assert page.evaluate("typeof executed") == "undefined"


def test_a_name_that_turns_the_reading_direction_turns_nothing_else(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, receipt("users/\u202egpj.evil.jpg", "rejected"))
    opened(page, trigger)
    expect_names(page, "users/\\u202egpj.evil.jpg")
    expect(page.locator(".row .name")).to_have_text("users/\\u202egpj.evil.jpg")


# People as they are


CUT_OFF = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth)
  .map((each) => each.outerHTML)"""


def test_nothing_is_wider_than_the_screen(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, *(receipt(name, "rejected", reason=name * 3) for name in HOSTILE))
    write(machine, *(receipt(f"users/{at}" + "y" * 90) for at in range(9)))
    opened(page, trigger, "#show=all")
    for width in (320, 360, 768, 1100):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(CUT_OFF) == []
        page.locator(".row .name").first.click()
        box = page.locator("#sheet").bounding_box()
        assert box is not None
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        page.keyboard.press("Escape")


CONTRAST = """() => {
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colour, under) => {
    context.fillStyle = under; context.fillRect(0, 0, 1, 1);
    context.fillStyle = colour; context.fillRect(0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data;
  };
  const light = ([...rgb]) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (pixel(colour, "#000").join() === pixel(colour, "#fff").join()) return colour;
    }
    return "#fff";
  };
  const worst = [];
  for (const each of document.querySelectorAll("main *, header *")) {
    const isText = [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!isText || !each.checkVisibility()) continue;
    const under = ground(each);
    const both = [light(pixel(getComputedStyle(each).color, under)), light(pixel(under, "#fff"))];
    const ratio = (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
    if (ratio < 4.5) worst.push(`${each.textContent.trim()}: ${ratio.toFixed(2)}`);
  }
  return worst;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_by_people_who_see_little(
    page: Page, trigger: HttpTrigger, machine: Cloud, scheme: str
) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    outcomes = ["synced", "unchanged", "retrying", "rejected", "failed", "removed"]
    write(machine, *(receipt(f"users/{outcome}.jpg", outcome) for outcome in outcomes))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    opened(page, trigger, "#show=all")
    page.locator("#health summary").click()
    assert page.evaluate(CONTRAST) == []


def test_everything_is_reached_and_done_with_the_keyboard(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, receipt("users/b.jpg", "rejected"))
    opened(page, trigger)
    page.locator("#health").wait_for()
    stops = list[str]()
    for _ in range(20):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.innerText || document.activeElement.id"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if stops[-1].startswith("Yes"):
            break
    labels = [stop.split("\n")[-2 if "\n" in stop else 0] for stop in stops]
    assert labels[0] == "Look again"
    assert labels[1:7] == ["Synced", "Unchanged", "Retrying", "Rejected", "Failed", "Removed"]
    assert labels[-3:-1] == ["search", "users/b.jpg"]


def test_whoever_wants_no_motion_or_colours_of_their_own_gets_them(page: Page, trigger: HttpTrigger) -> None:
    page.emulate_media(reduced_motion="reduce", forced_colors="active")
    opened(page, trigger, "#show=all")
    assert page.locator("#bar i").first.evaluate("each => getComputedStyle(each).transitionDuration") == "0s"
    for shown, style in (("all", "solid"), ("open", "none")):
        assert page.locator(f"[data-show={shown}]").evaluate("each => getComputedStyle(each).outlineStyle") == style


def test_without_scripts_nothing_says_that_it_looks(browser: Browser) -> None:
    with browser.new_page(java_script_enabled=False) as page:
        page.set_content(document().body.decode())
        expect(page.get_by_role("heading", name="photo-sync")).to_be_visible()
        expect(page.get_by_text("Looking…")).to_be_hidden()
        expect(page.get_by_role("button", name="Look again")).to_be_hidden()


# While it is open


def test_it_looks_again_by_itself_and_leaves_alone_what_has_not_changed(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, receipt("users/b.jpg", "rejected"))
    page.clock.install()
    opened(page, trigger)
    page.locator(".row").evaluate("each => { each.isTheSame = true }")
    write(machine, receipt("users/c.jpg", "failed"))
    page.clock.run_for(16_000)
    expect(page.locator(".row")).to_have_count(2)
    assert page.locator(".row").first.evaluate("each => each.isTheSame") is True
    expect(page.get_by_role("status")).to_have_text("2 files need a hand.")


SELECT = """(each) => getSelection().selectAllChildren(each)"""


def test_what_somebody_is_at_stays_where_it_is_while_the_list_changes(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, *(receipt(f"users/m{at:02}.jpg", "rejected") for at in range(8)))
    page.set_viewport_size({"width": 1100, "height": 400})
    opened(page, trigger)
    at_work = page.get_by_role("button", name="users/m06.jpg, details")
    at_work.focus()
    page.locator(".remedy").nth(7).evaluate(SELECT)
    before = at_work.bounding_box()
    write(machine, receipt("users/a.jpg", "failed"), receipt("users/m01.jpg"), receipt("users/z.jpg", "failed"))
    page.evaluate("look()")
    expect(page.locator(".row")).to_have_count(9)
    expect(at_work).to_be_focused()
    assert page.evaluate("getSelection().toString()") == REASON.split(". ")[1]
    after = at_work.bounding_box()
    assert before and after  # noqa: PT018 - for the type checker
    assert after["y"] == pytest.approx(before["y"], abs=1)


def test_where_the_row_goes_that_has_the_focus_the_one_in_its_place_gets_it(
    page: Page, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, *(receipt(f"users/{name}.jpg", "rejected") for name in "ab"))
    opened(page, trigger)
    page.locator(".row .name").first.focus()
    for gone, focused in (("a", ".row .name"), ("b", "#heading")):
        write(machine, receipt(f"users/{gone}.jpg"))
        page.evaluate("look()")
        expect(page.get_by_role("button", name=f"users/{gone}.jpg")).to_have_count(1)  # the face alone
        expect(page.locator(focused)).to_be_focused()


TURN = """(way) => {
  Object.defineProperty(document, "hidden", { value: way === "away", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_it_asks_for_nothing_while_nobody_sees_it(page: Page, trigger: HttpTrigger) -> None:
    page.clock.install()
    opened(page, trigger)
    page.locator("#health").wait_for()
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(TURN, "away")
    page.clock.run_for(120_000)
    assert asked == []
    with page.expect_request(re.compile("/status/listing")):
        page.evaluate(TURN, "back")


def test_the_key_is_in_the_pages_own_address_alone(
    page: Page, trigger: HttpTrigger, machine: Cloud, job: PhotoSync
) -> None:
    sync(machine, job)
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    opened(page, trigger)
    page.locator("#faces img").wait_for()
    asked = [url for url in asked if "/status/" in url]
    assert len(asked) >= 2
    assert [url for url in asked if trigger.key in url] == []


def test_whether_everything_is_in_order_stands_below(page: Page, trigger: HttpTrigger) -> None:
    opened(page, trigger)
    expect(page.locator("#health summary")).to_have_text("Yes. 1 thing was looked at just now.")
    expect(page.locator("#checks li")).to_be_hidden()


def test_whether_everything_is_in_order_is_asked_again_after_five_minutes(page: Page, trigger: HttpTrigger) -> None:
    page.clock.install()
    opened(page, trigger)
    page.locator("#health").wait_for()
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request(re.compile("/status/listing")):
        page.clock.run_for(200_000)
    with page.expect_request(re.compile("/status/health")):
        page.clock.run_for(101_000)
    assert len([url for url in asked if "/status/health" in url]) == 1


HURRY = "const timeout = AbortSignal.timeout; AbortSignal.timeout = (limit) => timeout.call(AbortSignal, limit / 200);"


def test_an_answer_that_does_not_come_or_cannot_be_read_is_said_and_the_page_goes_on(
    page: Page, trigger: HttpTrigger
) -> None:
    page.add_init_script(HURRY)
    opened(page, trigger)
    page.locator("#health").wait_for()
    again = page.get_by_role("button", name="Look again")
    page.route("**/status/listing**", lambda _: None)
    again.click()
    expect(again).to_be_disabled()
    expect(page.get_by_role("alert")).to_have_text("The app did not answer within a minute.")
    page.unroute_all()
    page.route("**/status/listing**", lambda route: route.fulfill(body="<html>"))
    expect(again).to_be_enabled()
    again.click()
    expect(page.get_by_role("alert")).to_have_text("What the app answered cannot be read. Reload the page.")
    page.unroute_all()
    expect(again).to_be_enabled()
    again.click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_what_is_not_in_order_is_open(browser: Browser, job: PhotoSync) -> None:
    checks = [*CHECKS, Check("queue photo-retries", State.RED, "It is not there."), Check("policy", State.YELLOW, "?")]
    with serving(StatusPage(lambda: job, lambda: checks, {})) as trigger, browser.new_page() as page:
        opened(page, trigger)
        expect(page.locator("#health summary")).to_contain_text("No: 1 thing is not in order.")
        expect(page.get_by_text("It is not there.")).to_be_visible()


def test_a_key_that_does_not_count_any_more_is_said_and_what_is_seen_stays(
    browser: Browser, trigger: HttpTrigger, machine: Cloud
) -> None:
    write(machine, receipt("users/b.jpg", "rejected"))
    with browser.new_page() as page:
        opened(page, trigger)
        trigger.key = "another"
        page.get_by_role("button", name="Look again").click()
        expect(page.get_by_role("alert")).to_contain_text("The key in this page's address does not count.")
        expect_names(page, "users/b.jpg")


def test_what_keeps_the_page_from_telling_anything_is_said(browser: Browser) -> None:
    def job() -> PhotoSync:
        raise SettingsError(["PHOTO_EDGE is “huge”: set it to a number."])

    with serving(StatusPage(job, lambda: CHECKS, {})) as trigger, browser.new_page() as page:
        page.goto(trigger.address)
        expect(page.get_by_role("alert")).to_have_text(
            "The app's settings are wrong. PHOTO_EDGE is “huge”: set it to a number."
        )
        expect(page.get_by_role("status")).to_have_text("There is nothing to see for now.")
        expect(page.locator("#figures")).to_be_hidden()
        expect(page.locator("#health")).to_be_visible()


def test_a_photo_of_long_ago_is_told_in_days(page: Page, trigger: HttpTrigger, machine: Cloud) -> None:
    write(machine, receipt("users/b.jpg", "failed"))
    page.clock.install(time=NOW + timedelta(days=400))
    opened(page, trigger)
    expect(page.locator(".row time")).to_have_text(re.compile(r"days ago|in \d+ days"))
