-- Bots of the house may talk faster.
limits = { c2s = { rate = "50kb/s" } }
