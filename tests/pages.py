"""Containers whose listings come in pages of a few blobs each: storage's own hold 5,000."""

import re
from typing import Any

from azure.core.pipeline import PipelineRequest
from azure.storage.blob import BlobServiceClient, ContainerClient

from local.cloud import Cloud


def in_small_pages(machine: Cloud, container: str, size: int = 2) -> ContainerClient:
    """A container of this machine's, whose client asks for so many blobs at a time."""

    def ask_for_few(request: PipelineRequest[Any]) -> None:
        if "comp=list" in request.http_request.url:
            others = re.sub(r"&maxresults=\d+", "", request.http_request.url)
            request.http_request.url = f"{others}&maxresults={size}"

    return BlobServiceClient(
        machine.storage.blob_uri,
        machine.blobs.credential,
        connection_verify=str(machine.storage.certificate),
        raw_request_hook=ask_for_few,
    ).get_container_client(container)
