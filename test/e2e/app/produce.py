"""Publishes scenarios and prints one JSON line for each: {"scenario": …, "id": …, "ids": […]}."""
import json
import sys

from celery import chain, group

from bakery import app, bake, burn, call_supplier, cool, deliver, knead, order, pay, proof, refuse, shout, skip

canaries = json.loads(sys.argv[1])


def several(signature, count):
    return [signature.apply_async().id for _ in range(count)]


scenarios = {
    "success": lambda: several(knead.s(250), 3),
    "failure": lambda: several(bake.s(7), 5),
    "retry_then_success": lambda: several(deliver.s(2), 1),
    "exhausted": lambda: several(call_supplier.s(), 1),
    "nested": lambda: several(order.s(), 1),
    "killed": lambda: several(burn.s(), 1),
    "hard_limit": lambda: several(proof.s(), 1),
    "soft_limit": lambda: several(cool.s(), 1),
    "ignored": lambda: several(skip.s(), 1),
    "rejected": lambda: several(refuse.s(), 1),
    "secret": lambda: several(pay.s(**canaries), 3),
    "hostile": lambda: several(shout.s(), 3),
    "unregistered": lambda: [app.send_task("bakery.unknown").id],
}


def chained():
    result = chain(knead.si(1), knead.si(2), knead.si(3)).apply_async()
    ids = [result.id]
    while result.parent is not None:
        result = result.parent
        ids.insert(0, result.id)
    return ids


scenarios["chain"] = chained
scenarios["group"] = lambda: [child.id for child in group(knead.s(n) for n in range(3)).apply_async().children]

for name in sys.argv[2:] or scenarios:
    ids = scenarios[name]()
    print(json.dumps({"scenario": name, "ids": ids}), flush=True)
