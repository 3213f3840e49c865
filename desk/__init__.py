"""The newsroom's pages: read a store, show it, and offer the same as JSON.

    store ─▶ views (plain data) ─▶ templates ─▶ browser
                              └──▶ /api

A view is a function from a `Look` (store, names, time) and an `Asked` (the query) to plain data; a page and
its JSON are two renderings of one view, so they cannot disagree. Nothing here analyses, and nothing writes.
"""
