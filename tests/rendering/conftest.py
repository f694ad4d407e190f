from hypothesis import settings

settings.register_profile("rendering", deadline=None)  # how long an example takes says more of the machine than of the code
settings.load_profile("rendering")
