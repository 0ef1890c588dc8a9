"""Azurite, over https and with its tokens checked: the containers and queues that Bicep makes in the cloud."""

import ipaddress
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.node import azurite, node

# Azurite's one account and its key, the same everywhere and published with it: they open nothing but Azurite.
_ACCOUNT = "devstoreaccount1"
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class Storage:
    """A running Azurite: where its blobs and queues are, and the certificate that a client must trust."""

    blob_uri: str
    queue_uri: str
    certificate: Path

    @property
    def connection_string(self) -> str:
        """What any storage client takes: the Azure CLI, an SDK, a storage explorer."""
        endpoints = f"BlobEndpoint={self.blob_uri};QueueEndpoint={self.queue_uri}"
        return f"DefaultEndpointsProtocol=https;AccountName={_ACCOUNT};AccountKey={_KEY};{endpoints}"


@contextmanager
def storage() -> Iterator[Storage]:
    """Run Azurite inside the block, on free ports, everything in memory; it ends with this process in any case."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = _certificate(Path(folder))
        command = [
            node(), "--require", str(Path(__file__).with_name("tether.js")), str(azurite()),
            "--inMemoryPersistence", "--silent", "--disableTelemetry", "--skipApiVersionCheck",
            "--blobPort", "0", "--queuePort", "0", "--tablePort", "0",
            "--oauth", "basic", "--cert", str(certificate), "--key", str(key),
        ]  # fmt: skip
        process = subprocess.Popen(  # noqa: S603 - the command is ours
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the one who started it
        )
        with process:
            try:
                blob, queue = _addresses(process)
                yield Storage(f"{blob}/{_ACCOUNT}", f"{queue}/{_ACCOUNT}", certificate)
            finally:
                process.kill()
                process.wait()


def _addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Where Azurite says that it listens: the blob and the queue service."""
    if process.stdout is None:
        raise RuntimeError("Azurite was started without a way to hear it.")
    said: list[str] = []
    found: dict[str, str] = {}
    for line in process.stdout:
        said.append(line)
        if match := re.search(r"Azurite (\w+) service is successfully listening at (\S+)", line):
            found[match[1]] = match[2]
        if "Table" in found:  # the last one of the three
            threading.Thread(target=process.stdout.read, daemon=True).start()  # so that it never waits for a reader
            return found["Blob"], found["Queue"]
    raise RuntimeError("Azurite did not start:\n" + "".join(said))


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that lives a day, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "photo-sync local storage")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return folder / "cert.pem", folder / "key.pem"
