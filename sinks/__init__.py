"""Consumers that write: search (into a store) and mail (outbox, .eml files, SMTP).

stories, evidence, series, shifts, feeds, coverage, decisions, dead letters ─▶ [ search ] ─▶ store
shifts ─▶ [ mail ] ─▶ outbox ─▶ .eml files, SMTP
"""
