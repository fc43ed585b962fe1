"""Answers that are alike but for layout and names are listed; those that anyone could write are not."""

from fa_lessons.course.integrity import normalised, shared, word_by_word

LONG = '''def flow(w, b):
    """The rates."""
    e = 1 - w[0] * w[1]  # what is missing
    first = b * e
    second = e * w[0]
    return first, second
'''
DISGUISED = """def flow(weight,feedback):
    err=1-weight[0]*weight[1]
    a=feedback*err
    c=err*weight[0]
    return a,c
"""
OTHER = "def flow(w, b):\n    e = 1 - w.prod()\n    return np.stack([b * e, w[0] * e, 0 * e])[:2] + 0 * w.mean()\n"
SHORT = "def f(x):\n    return x"


def test_layout_comments_and_names_do_not_matter():
    assert normalised(LONG) == normalised(DISGUISED)
    assert normalised(LONG) != normalised(OTHER)
    assert normalised(SHORT) == ""
    assert normalised("def f(:") == "def f(:"


def test_a_pair_that_shares_answers_is_listed_with_those_that_are_wrong():
    answers = {"ann": {"1": LONG, "2": OTHER}, "bob": {"1": DISGUISED, "2": OTHER}, "cy": {"1": OTHER, "2": LONG}}
    (found,) = shared(answers, right={("ann", "1"), ("bob", "1")})
    assert (found.students, found.exercises, found.wrong) == (("ann", "bob"), ("1", "2"), ("2",))


def test_one_shared_answer_and_a_common_one_say_nothing():
    assert shared({"ann": {"1": LONG}, "bob": {"1": LONG}}) == []
    assert shared({str(n): {"1": LONG, "2": OTHER} for n in range(5)}) == []


def test_the_lessons_own_words_are_found_with_and_without_its_marks():
    own = {"1": "### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "2": "y = 2"}
    assert word_by_word({"ann": {"1": "x = 1\n", "2": "y = 2"}, "bob": {"1": "x = 1", "2": "y = 3"}}, own) == {
        "ann": ["1", "2"]
    }
