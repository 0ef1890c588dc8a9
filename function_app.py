"""The functions that Azure runs: decorators and wiring, nothing else."""

import os

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob_binding

from photo_sync.doctor import examine
from photo_sync.page.site import StatusPage
from photo_sync.poison import Poison, give_up
from photo_sync.reconcile import reconcile_hourly
from photo_sync.retries import Retry
from photo_sync.settings import CONNECTION, PHOTOS, RETRIES, RETRIES_POISON, UPLOADS_POISON, Settings
from photo_sync.wiring import connect, once

app = func.FunctionApp()
job = once(lambda: connect(Settings.from_env(os.environ)))
page = StatusPage(job, lambda: examine(Settings.from_env(os.environ)), os.environ)
level = func.AuthLevel.ANONYMOUS if page.is_by_sign_in else func.AuthLevel.FUNCTION  # the page itself asks who it is


@app.blob_trigger(arg_name="blob", path=f"{PHOTOS}/{{name}}", connection=CONNECTION, source=func.BlobSource.EVENT_GRID)
def photo_uploaded(blob: blob_binding.BlobClient) -> None:
    """Sync the photo that a blob was just uploaded for; of the binding, only the name is used."""
    job().sync(blob.blob_name)


@app.queue_trigger(arg_name="message", queue_name=RETRIES, connection=CONNECTION)
def photo_due(message: func.QueueMessage) -> None:
    """Sync a photo that is to be looked at again, or whose file Event Grid says was deleted."""
    retry = Retry.from_json(message.get_body())
    job().sync(retry.photo, force=retry.force, remove=retry.remove)


@app.queue_trigger(arg_name="message", queue_name=UPLOADS_POISON, connection=CONNECTION)
def upload_given_up(message: func.QueueMessage) -> None:
    """Write down that `photo_uploaded` has failed at a photo again and again."""
    give_up(job(), Poison.of_upload(message.get_body()))


@app.queue_trigger(arg_name="message", queue_name=RETRIES_POISON, connection=CONNECTION)
def retry_given_up(message: func.QueueMessage) -> None:
    """Write down that `photo_due` has failed at a photo again and again."""
    give_up(job(), Poison.of_retry(message.get_body()))


@app.timer_trigger(arg_name="timer", schedule="0 17 * * * *")
def hourly(timer: func.TimerRequest) -> None:
    """Look for photos whose event or message was lost, and have them looked at again."""
    del timer
    reconcile_hourly(job())


@app.route("status/{view?}", trigger_arg_name="request", methods=["GET"], auth_level=level)
def status_page(request: func.HttpRequest) -> func.HttpResponse:
    """Show what became of the photos to whoever may see it, and answer what the page's script asks."""
    reply = page.reply(request.route_params.get("view", ""), request.params, request.headers)
    return func.HttpResponse(reply.body, status_code=reply.status, headers=reply.headers, mimetype=reply.media_type)
