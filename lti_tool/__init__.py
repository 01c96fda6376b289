"""Proximal's LTI 1.3 tool: launches, practice pages, grades. ARCHITECTURE.md tells how the rooms hang together."""
