"""A small Celery app that ends in every way that matters. Broker and result backend come from the environment."""
import os
import signal
import time

from celery import Celery
from celery.exceptions import Ignore, Reject

app = Celery("bakery", broker=os.environ["BROKER_URL"], backend=os.environ.get("RESULT_URL"))
app.conf.update(
    worker_send_task_events=True,
    task_send_sent_event=True,
    task_track_started=True,
    broker_connection_retry_on_startup=True,
    task_default_queue=os.environ.get("QUEUE", "dough"),
    result_expires=600,
    broker_transport_options={"visibility_timeout": int(os.environ.get("VISIBILITY_TIMEOUT", 3600))},
)


class OvenError(Exception):
    pass


@app.task(name="bakery.knead")
def knead(grams, **kwargs):
    return {"grams": grams}


@app.task(name="bakery.bake")
def bake(loaves):
    try:
        {}["oven"]
    except KeyError as cause:
        raise OvenError(f"oven {loaves} is cold") from cause


@app.task(name="bakery.open_shop")
def open_shop():
    errors = []
    for start in (lambda: {}["till"], lambda: open("/nowhere/keys"), lambda: bake.run(3)):
        try:
            start()
        except Exception as error:
            errors.append(error)
    raise ExceptionGroup("the shop stays closed", errors)


@app.task(name="bakery.deliver", bind=True, max_retries=3)
def deliver(self, succeed_after):
    if self.request.retries < succeed_after:
        raise self.retry(exc=ConnectionError("van does not answer"), countdown=0.2)
    return "delivered"


@app.task(name="bakery.call_supplier", bind=True, max_retries=1)
def call_supplier(self):
    raise self.retry(exc=TimeoutError("supplier is silent"), countdown=0.2)


@app.task(name="bakery.order")
def order():
    return knead.apply_async(args=(500,)).id


@app.task(name="bakery.box")
def box(loaves):
    return len(loaves)


@app.task(name="bakery.burn")
def burn():
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="bakery.proof", time_limit=2)
def proof():
    time.sleep(60)


@app.task(name="bakery.cool", soft_time_limit=1)
def cool():
    time.sleep(60)


@app.task(name="bakery.rest")
def rest():
    time.sleep(60)


@app.task(name="bakery.rest_late", acks_late=True)
def rest_late():
    time.sleep(60)


@app.task(name="bakery.count_grains")
def count_grains(seconds):
    """Blocks the whole process in a pool without processes of its own."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@app.task(name="bakery.rise")
def rise(seconds):
    time.sleep(seconds)


@app.task(name="bakery.rise_late", acks_late=True)
def rise_late(seconds):
    time.sleep(seconds)


@app.task(name="bakery.swap", bind=True)
def swap(self):
    raise self.replace(knead.si(1))


@app.task(name="bakery.poison", acks_late=True, reject_on_worker_lost=True)
def poison():
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="bakery.skip")
def skip():
    raise Ignore()


@app.task(name="bakery.refuse", acks_late=True)
def refuse():
    raise Reject("stale dough", requeue=False)


@app.task(name="bakery.return_once", bind=True, acks_late=True)
def return_once(self):
    if not self.request.delivery_info["redelivered"]:
        raise Reject("oven is busy", requeue=True)
    return "baked"


@app.task(name="bakery.pay", bind=True, max_retries=1)
def pay(self, order, **kwargs):
    error = OvenError(f"payment refused for {kwargs['card']} with {kwargs['token']} at {kwargs['dsn']} as {kwargs['password']}")
    raise self.retry(exc=error, countdown=0.1)


@app.task(name="bakery.sign_in")
def sign_in(**kwargs):
    return kwargs


@app.task(name="bakery.shout")
def shout():
    raise OvenError("<!channel> look at <http://evil.example|this> <@U012ABCDEF> & *now*")
