"""Publishes scenarios and prints one JSON line for each: {"scenario": …, "ids": […]}, the first published task first.

python produce.py '{"password": …, "token": …, "card": …, "dsn": …}' [SCENARIO…]
"""
import json
import sys
import time
import uuid

from celery import chain, chord, group

from bakery import (
    app,
    bake,
    box,
    burn,
    call_supplier,
    cool,
    count_grains,
    deliver,
    knead,
    open_shop,
    order,
    pay,
    poison,
    proof,
    refuse,
    rest,
    rest_late,
    return_once,
    rise,
    rise_late,
    shout,
    sign_in,
    skip,
    swap,
)

canaries = json.loads(sys.argv[1])


def several(signature, count=1):
    return [signature.apply_async().id for _ in range(count)]


def chained():
    result = chain(knead.si(1), knead.si(2), knead.si(3)).apply_async()
    ids = [result.id]
    while result.parent is not None:
        result = result.parent
        ids.insert(0, result.id)
    return ids


def grouped():
    return [child.id for child in group(knead.s(n) for n in range(3)).apply_async().children]


def chorded():
    """The header's ids, then the body's."""
    body = chord([knead.s(n) for n in range(2)], box.s()).apply_async()
    return [*(child.id for child in body.parent.children), body.id]


def revoked():
    result = rest.apply_async(countdown=3)
    result.revoke()
    return [result.id]


def revoked_before():
    task_id = str(uuid.uuid4())
    app.control.revoke(task_id)
    return [knead.apply_async(args=(1,), task_id=task_id, countdown=1).id]


def reused():
    """One id that succeeds and fails afterwards."""
    task_id = str(uuid.uuid4())
    knead.apply_async(args=(1,), task_id=task_id).get(timeout=20)
    # What a producer says later than its task ended by less than this could still be about the first one.
    time.sleep(6)
    return [bake.apply_async(args=(1,), task_id=task_id).id]


def terminated():
    result = rest.apply_async()
    deadline = time.monotonic() + 20
    while result.state != "STARTED":
        if time.monotonic() > deadline:
            sys.exit(f"bakery.rest did not start, it is {result.state}")
        time.sleep(0.1)
    result.revoke(terminate=True, signal="SIGKILL")
    return [result.id]


scenarios = {
    "success": lambda: several(knead.s(250), 3),
    "failure": lambda: several(bake.s(7), 5),
    "retry_then_success": lambda: several(deliver.s(2)),
    "exhausted": lambda: several(call_supplier.s()),
    "chain": chained,
    "group": grouped,
    "chord": chorded,
    "nested": lambda: several(order.s()),
    "killed": lambda: several(burn.s()),
    "hard_limit": lambda: several(proof.s()),
    "soft_limit": lambda: several(cool.s()),
    "ignored": lambda: several(skip.s()),
    "rejected": lambda: several(refuse.s()),
    "requeued": lambda: several(return_once.s()),
    "secret": lambda: several(pay.s({"id": 7, "customer": canaries}, **canaries), 3) + several(sign_in.s(**canaries)),
    "hostile": lambda: several(shout.s(), 3),
    "unregistered": lambda: [app.send_task("bakery.unknown").id],
    "revoked": revoked,
    "terminated": terminated,
}

# For whoever wants to meddle with them, or has the time.
by_name = {
    "grouped_failure": lambda: several(open_shop.s()),
    "busy": lambda: several(count_grains.s(40)),
    "resting": lambda: several(rest.s()),
    "resting_late": lambda: several(rest_late.s()),
    "revoked_before": revoked_before,
    "expired": lambda: [knead.apply_async(args=(1,), countdown=2, expires=1).id],
    "replaced": lambda: several(swap.s()),
    "reused": reused,
    "poison": lambda: several(poison.s()),
    "rising": lambda: several(rise.s(12)),
    "rising_late": lambda: several(rise_late.s(12)),
    "rising_long": lambda: several(rise.s(180)),
    "nowhere": lambda: [knead.apply_async(args=(1,), queue="nowhere").id],
}

for name in sys.argv[2:] or scenarios:
    print(json.dumps({"scenario": name, "ids": {**scenarios, **by_name}[name]()}), flush=True)
