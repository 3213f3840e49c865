"""Where records are kept for reading: one interface (base), two real stores (sqlite, elastic).

topics ─▶ sinks.search ─▶ [ store ] ─▶ desk, batch commands, rebuild
"""
