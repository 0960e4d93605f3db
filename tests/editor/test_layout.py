"""Our layout is that of @cucumber/gherkin-utils and of the editor's Format Document, to the last space."""

from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stocktake.support.gherkin.text.formatting import formatted

REPOSITORY = Path(__file__).parents[2]

PIECES = {
    "above": ["", "# top\n", "# language: en\n", "@a   @b\n# c\n@d\n"],
    "title": ["Feature:   F  \n", "Feature:\n"],
    "why": ["", "  why\n", "\n\n why \n   # in it\n\n   more\n\n"],
    "background": ["", "  Background: b\n   Given x\n", "Background:\n  why\n   Given x\n"],
    "block": [
        "Scenario: s\n",
        "# c\n\n @a  @b\n@c\n  Scenario Outline: o <n>\n",
        "Example: e\n\n why\n\n",
        "  # c\nScenario:\n",
    ],
    "step": ["Given a  b\n", "  * star\n", "\tWhen 日本\n", "# c\n    Then x #no comment\n"],
    # No comments between rows: with us they stay where they are, with them they move below the table.
    "argument": [
        "",
        "|a|\n",
        "  |head | b\\|c|x\\\\y|\n  |1|+1|日本|\n  ||-x|.5 GB|\n",
        '"""json\n{}\n"""\n',
        '   """\n     a\n\n   b\n  c\n   \\"\\"\\" ``` \n   """\n',
        '```\n""" \\`\\`\\`\n```\n',
        '"""\n"""\n',
        "|Infinity|NaN|1e5|a\\nb|\n",
    ],
    "examples": ["", "Examples: x\n  |n|\n  |1|\n", "# c\n@e\n  Examples:\n\n  why\n |n|\n", "Examples: none\n"],
    "below": ["", "# end\n", "\n\n   # end\n# more\n\n"],
}


@st.composite
def features(draw):
    def piece(name):
        return draw(st.sampled_from(PIECES[name]))

    def block():
        steps = "".join(piece("step") + piece("argument") for _ in range(draw(st.integers(0, 2))))
        head = piece("block")
        return head + steps + (piece("examples") if "Outline" in head else "")

    text = piece("above") + piece("title") + piece("why") + piece("background")
    text += "".join(block() for _ in range(draw(st.integers(0, 2))))
    for _ in range(draw(st.integers(0, 2))):
        rule = "# c\n@r\n  Rule: r\n" if draw(st.booleans()) else "Rule:\n"
        text += rule + piece("why") + piece("background") + "".join(block() for _ in range(draw(st.integers(0, 2))))
    return text + piece("below")


def test_our_layout_is_theirs_on_generated_features(editor):
    texts: list[str] = []

    @settings(max_examples=400, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(features())
    def generate(text):
        texts.append(text)

    generate()
    for text, answer in zip(texts, editor(texts=texts)["formatted"], strict=True):
        assert formatted(text) == answer["byTool"], text
        assert formatted(text) == answer["byEditor"], text


def test_our_features_are_laid_out_as_an_editor_would(editor):
    paths = sorted(REPOSITORY.glob("features/**/*.feature"))
    answers = editor(texts=[path.read_text() for path in paths])["formatted"]
    assert [
        path.name for path, answer in zip(paths, answers, strict=True) if answer["byTool"] != path.read_text()
    ] == []
