"""Kibana as code: what each dashboard shows is written once, in plain tables, and emitted in both of Kibana's forms.

newsroom, relationship, actor, coverage, operations     the dashboards: add a panel here
        │  in the words of panels, model, conditions and views
        ├─▶ api_form       ─▶ deploy/kibana/*.json              Dashboards API, Kibana 9.4 and newer
        ├─▶ saved_objects  ─▶ deploy/kibana/riftwatch.ndjson    import, Kibana 9.0 to 9.3
        └─▶ asking         ─▶ the search behind a panel: tests run it on a real engine, the preview draws it
"""
