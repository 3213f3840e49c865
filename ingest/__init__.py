"""Polling: what is due, fetched politely, parsed safely, identified, sent once acknowledged.

feeds ─▶ [ schedule ─▶ fetch ─▶ parse ─▶ identity ─▶ produce ─▶ state ] ─▶ riftwatch.items
"""
