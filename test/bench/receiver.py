"""Celery's own event receiver, counting: python receiver.py BROKER_URL EVENTS noop|state"""
import json
import sys

from celery import Celery
from celery.events import EventReceiver
from celery.events.state import State

url, wanted, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
app = Celery(broker=url)
state = State()
seen = 0


def ended():
    if seen == wanted:
        print("done " + json.dumps({"events": seen}), flush=True)


def noop(event):
    global seen
    seen += 1
    if seen == wanted:
        ended()


def with_state(event):
    global seen
    seen += 1
    state.event(event)
    if seen == wanted:
        ended()


with app.connection() as connection:
    handler = with_state if mode == "state" else noop
    receiver = EventReceiver(connection, handlers={"*": handler}, app=app)
    with receiver.consumer_context(wakeup=False):
        print("ready", flush=True)
        for _ in receiver.consume(limit=None, timeout=None):
            pass
