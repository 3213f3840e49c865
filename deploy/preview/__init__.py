"""Draws the dashboards as they would look, from the same tables and from documents in a real engine. No Kibana.

records of a store ─▶ documents in an engine ─▶ the panels' own searches ─▶ HTML and SVG ─▶ docs/images/kibana-*.png
"""
