"""What was read serves as long as nothing has been done since."""

from stocktake.support.scenario.state.readings import Readings


class Cloud:
    def __init__(self):
        self.acts = 0
        self.asked = 0
        self.readings = Readings(lambda: self.acts)

    def ask(self):
        self.asked += 1
        return self.asked

    def last(self):
        return self.readings.last("usages", self.ask)


def test_one_reading_serves_until_something_acts():
    cloud = Cloud()
    assert [cloud.last(), cloud.last()] == [1, 1]
    cloud.acts += 1
    assert [cloud.last(), cloud.last()] == [2, 2]


def test_a_reading_may_be_asked_for_anew():
    cloud = Cloud()
    cloud.last()
    cloud.readings.forget()
    assert cloud.last() == 2


def test_a_reading_that_was_taken_elsewhere_is_kept():
    cloud = Cloud()
    assert cloud.readings.keep("usages", 7) == 7
    assert (cloud.last(), cloud.asked) == (7, 0)
    cloud.acts += 1
    assert cloud.last() == 1


def test_readings_are_of_one_thing_each():
    cloud = Cloud()
    cloud.last()
    assert cloud.readings.last("allocations", cloud.ask) == 2
