"""Webhooks: other programs are told what happens here, as soon as it does, signed by Standard Webhooks.

    an event ─ shared.publishing ─▶ delivery rows ─ events.dispatch, or the worker's sweep ─▶ delivering.deliver
                                      └─ guard: where may it go ─ sending: signed, once ─▶ attempt rows

Delivered at least once, in no promised order; `webhook-id` is the same at every attempt.
"""
