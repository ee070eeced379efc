import os
def test_x(): assert not os.environ.get("COLUMNS"), os.environ["COLUMNS"]
