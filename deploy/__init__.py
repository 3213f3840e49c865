"""What puts Riftwatch on a machine or a cluster: templates, dashboards, testbed. Imports stores and riftwatch only."""
