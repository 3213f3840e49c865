"""Analysis: two pure chains and the thin Faust app around them.

items ─▶ [ analyse: language ─▶ entities ─▶ judge ─▶ signature ] ─▶ stories + readings
readings ─▶ [ watch: contributions ─▶ series ─▶ episodes ─▶ ledger ] ─▶ evidence + series + shifts
"""
