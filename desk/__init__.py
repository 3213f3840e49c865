"""The newsroom's page: reads a store, shows it, and offers the same as JSON.

    store ─▶ [ desk ] ─▶ browser, /api
"""
