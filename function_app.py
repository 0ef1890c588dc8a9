"""The functions that Azure runs: decorators and wiring, nothing else."""

import os

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob_binding

from photo_sync.settings import CONNECTION, PHOTOS, Settings
from photo_sync.wiring import connect, once

app = func.FunctionApp()
job = once(lambda: connect(Settings.from_env(os.environ)))


@app.blob_trigger(arg_name="blob", path=f"{PHOTOS}/{{name}}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
def photo_uploaded(blob: blob_binding.BlobClient) -> None:
    """Sync the photo that a blob was just uploaded for; of the binding, only the name is used."""
    job().sync(blob.blob_name)
