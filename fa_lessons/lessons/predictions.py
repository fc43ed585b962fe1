"""What became of the prediction that opens a lesson."""

from fa_lessons.streams import say


def settle(prediction, truth):
    """Print what was predicted beside `truth`, the letter or word that the lesson's own runs give."""
    if prediction is ...:
        say(f"Your prediction is open still. The runs say {truth}.")
    elif str(prediction).strip().casefold() == truth.casefold():
        say(f"You predicted {truth}, and the runs say the same.")
    else:
        say(f"You predicted {prediction}. The runs say {truth}.")
