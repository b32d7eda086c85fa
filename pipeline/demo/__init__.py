"""Make the deliveries of a wholly fictional programme, and say what is true of it. A leaf, and an oracle.

Belongs here: a world (places, applications, agreements, payments), the files that its operators would hand in, the defects planted in them
and the truth about all of it. Does not: anything that reads a delivery. The truth comes from the world, never from a stage.
"""
