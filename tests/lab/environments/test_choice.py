"""What --release and --requirements ask for, and what is said of mistakes in them."""

from pathlib import Path

import pytest
from stocktake.support.errors import LabError
from stocktake.support.lab.environments.choice import Choice, chosen


def test_nothing_is_asked_for():
    assert chosen(None, None) is None


@pytest.mark.parametrize("text", ["2024.1", "Zed", "zed"])
def test_a_release(text: str):
    choice = chosen(text, None)

    assert choice is not None
    assert choice.label.lower() == text.lower()
    assert choice.exchanged == ()


def test_a_point_release():
    choice = chosen("2024.1:nova==29.2.0", None)

    assert choice is not None
    assert choice.release is not None
    assert choice.release.nova == 29
    assert choice.exchanged == ("nova==29.2.0",)
    assert choice.label == "2024.1:nova==29.2.0"


def test_packages_of_a_file(tmp_path: Path):
    file = tmp_path / "mine.txt"
    file.write_text("# my change\n\n./nova-34.0.1.dev1-py3-none-any.whl\n")

    choice = chosen(None, file)

    assert choice == Choice(None, ("./nova-34.0.1.dev1-py3-none-any.whl",), tmp_path, f"--requirements={file}")


def test_packages_of_a_file_for_a_release(tmp_path: Path):
    file = tmp_path / "mine.txt"
    file.write_text("./nova.whl\n")

    choice = chosen("2024.1", file)

    assert choice is not None
    assert choice.label == "2024.1:./nova.whl"


def test_a_wheel_that_was_built_again_is_another_choice(tmp_path: Path):
    file, wheel = tmp_path / "mine.txt", tmp_path / "nova.whl"
    file.write_text("./nova.whl\n")
    labels, fingerprints = [], []
    for content in (b"first", b"second", b"first"):
        wheel.write_bytes(content)
        choice = chosen("2024.1", file)
        assert choice is not None
        labels.append(choice.label)
        fingerprints.append(choice.fingerprint)

    assert labels[0] == f"2024.1:./nova.whl ({fingerprints[0][:8]})"
    assert labels[0] == labels[2] != labels[1]
    assert fingerprints[0] == fingerprints[2] != fingerprints[1]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2024.3", "--release=2024.3 is not known; choose one of Xena, Yoga, Zed, 2023.1"),
        ("", "--release= names no release; choose one of Xena"),
        ("2024.1:29.2.0", "--release=2024.1:29.2.0: '29.2.0' is not a package and a version, such as nova==29.2.0"),
        ("2024.1:nova>=29", "--release=2024.1:nova>=29: 'nova>=29' is not a package and a version"),
    ],
)
def test_mistakes(text: str, sentence: str):
    with pytest.raises(LabError) as error:
        chosen(text, None)

    assert str(error.value).startswith(sentence)


def test_a_file_that_does_not_exist(tmp_path: Path):
    with pytest.raises(LabError, match=r"--requirements=\S+/none.txt cannot be read: No such file or directory$"):
        chosen(None, tmp_path / "none.txt")


def test_a_file_without_packages(tmp_path: Path):
    (tmp_path / "empty.txt").write_text("# nothing\n")

    with pytest.raises(LabError, match=r"--requirements=\S+/empty.txt names no package; write one a line"):
        chosen(None, tmp_path / "empty.txt")


def test_requirements_that_are_not_text_are_refused(tmp_path: Path):
    (tmp_path / "nova.whl").write_bytes(b"\xff\xfe")
    with pytest.raises(LabError, match="cannot be read: it is not UTF-8 text"):
        chosen(None, tmp_path / "nova.whl")
