"""Commands that run Proximal: server, worker, demo, doctor."""
