print("heatsim")
