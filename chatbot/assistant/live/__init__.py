"""Live turns: questions come in over a websocket (or HTTP), answers go out as numbered frames, and neither is lost.

browser ─ websocket │ sse ─ handling ─▶ hub ─ engine.answer(question, sink) ─▶ frames of a Turn
            └────── outbox ◀── follows ──────────────────────────────────────────┘
                                         hub ─ store ─▶ shared.chat (short sessions, on threads)
"""
