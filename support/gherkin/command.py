"""The subcommands of `stocktake` that need no cloud: `steps`, `check`, `new`. Exit status: 0 success, 1 findings, 2
misuse."""

import argparse
import difflib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stocktake.support.errors import FeatureError
from stocktake.support.gherkin import catalogue, checks, project, style
from stocktake.support.gherkin.phrases import VOCABULARY
from stocktake.support.gherkin.text import ids
from stocktake.support.gherkin.text.elements import FeatureText
from stocktake.support.gherkin.text.formatting import formatted, laid_out, parsed, same_meaning
from stocktake.support.gherkin.text.problems import Problem, shown
from stocktake.support.gherkin.text.reading import read_feature
from stocktake.support.installation import FEATURES

FINDINGS = 1


TEMPLATE = """\
Feature: {title}
  Say in one or two lines why the rules below hold.

  Background:
    Given hosts "alpha" and "beta"
    And these flavors
      | flavor | VCPU | MEMORY_MB | DISK_GB |
      | small  |    1 |       512 |       1 |

  Rule: State the rule that the scenarios illustrate

    Scenario: A booted server holds its flavor on the host it runs on
      When server "web" is booted with flavor "small" on host "alpha"
      Then server "web" is ACTIVE on host "alpha"
      And the allocations are
        | consumer   | host  | VCPU | MEMORY_MB | DISK_GB |
        | server web | alpha |    1 |       512 |       1 |
      And the usages have changed by
        | host  | VCPU | MEMORY_MB | DISK_GB |
        | alpha |   +1 |      +512 |      +1 |
        | beta  |    0 |         0 |       0 |
"""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `steps`, `check` and `new` to the command's parser."""
    steps = subparsers.add_parser("steps", help="list the steps that scenarios can use, with examples")
    steps.add_argument("words", nargs="*", metavar="WORD", help="only the steps in which all these words occur")
    steps.set_defaults(run=show_steps)
    check = subparsers.add_parser("check", help="check feature files without a cloud")
    check.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="files and folders (default: features, or .)"
    )
    check.add_argument("--fix", action="store_true", help="format the files in place and give each scenario an id")
    check.set_defaults(run=check_features)
    new = subparsers.add_parser("new", help="create a feature file")
    new.add_argument("name", metavar="NAME", help="what it is about, as in rebuild; or a path ending in .feature")
    new.set_defaults(run=begin_feature)


def run(arguments: argparse.Namespace) -> int:
    """Run the subcommand in the parsed `arguments` and return the exit status."""
    status: int = arguments.run(arguments)
    return status


def show_steps(arguments: argparse.Namespace) -> int:
    """Print the catalogue, or the steps that contain all the words; 1 when there are none."""
    vocabulary = catalogue.load_vocabulary()
    features = catalogue.features_in([folder for folder in {_default_folder(), FEATURES} if folder.is_dir()])
    chapters = catalogue.catalogue(vocabulary, features)
    found = catalogue.about(chapters, arguments.words)
    if not found:
        print(f"no step mentions {' '.join(arguments.words)}{_other_words(chapters, arguments.words)}")
        return FINDINGS
    print(catalogue.as_text(found))
    return 0


def _other_words(chapters: Sequence[dict[str, Any]], words: Sequence[str]) -> str:
    """Suggest words of the vocabulary that resemble those that no step contains."""
    texts = " ".join(f"{c['noun']} {s['sentence']}" for c in chapters for s in c["steps"]).lower()
    known = sorted(set(re.findall(r"[a-z]{3,}", texts)))
    near = [m for word in words for m in difflib.get_close_matches(word.lower(), known, n=1) if m != word.lower()]
    return f" - did you mean: {' '.join(near)}" if near else ""


def check_features(arguments: argparse.Namespace) -> int:
    """Print what is wrong with the features, `FILE:LINE: rule: what to write instead`; 1 when there are findings."""
    paths = arguments.paths or [_default_folder()]
    for path in paths:
        if not path.exists():
            raise FeatureError(f"there is no file or folder {path}")
        if path.is_file() and path.suffix != ".feature":
            raise FeatureError(f"{path} is not a feature file: its name should end in .feature")
    files = catalogue.features_in(paths)
    if not files:
        raise FeatureError(f"there is no .feature file in {', '.join(map(str, paths))}")
    catalogue.load_vocabulary()
    project.load_conftests(files)
    if arguments.fix:
        known = ids.taken(map(read_feature, files))
        for file in files:
            _format(file, known)
    features = [read_feature(file) for file in files]
    found = [problem for feature in features for problem in problems(feature)] + ids.repeated(features)
    for problem in found:
        print(problem.as_line(with_rule=True))
    scenarios = sum(len(feature.scenarios) for feature in features)
    print(f"{_counted(scenarios, 'scenario')} in {_counted(len(files), 'file')}: {_counted(len(found), 'finding')}")
    return FINDINGS if found else 0


def problems(feature: FeatureText) -> list[Problem]:
    """Everything that `check` reports about one feature, by line: what prevents it from running, and its style."""
    declared = project.declared_tags(feature.path)
    return sorted([*checks.errors(feature, VOCABULARY, declared), *style.style_problems(feature)])


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _default_folder() -> Path:
    return Path("features") if Path("features").is_dir() else Path()


def _format(file: Path, known_ids: set[str]) -> None:
    """Format `file` and give each scenario an id, replacing the file atomically.

    A file that cannot be parsed is left unchanged.
    """
    feature = read_feature(file)
    if feature.problems:
        return
    text = formatted(feature.text)
    if not same_meaning(feature.text, text):
        raise FeatureError(f"{shown(file)} cannot be formatted without changing what it says: report this as a bug")
    ast = parsed(text)
    ids.give(ast, known_ids)
    text = laid_out(ast)
    if text.encode() == file.read_bytes():
        return
    with tempfile.NamedTemporaryFile("w", dir=file.parent, encoding="utf-8", newline="\n", delete=False) as copy:
        copy.write(text)
    Path(copy.name).chmod(file.stat().st_mode)
    os.replace(copy.name, file)  # noqa: PTH105 - Path.replace would read as a change of text


def begin_feature(arguments: argparse.Namespace) -> int:
    """Write a feature file that passes `check`, ready to be edited, and print its path."""
    name = arguments.name
    path = Path(name) if name.endswith(".feature") else _default_folder() / f"{_file_name(name)}.feature"
    if path.exists():
        raise FeatureError(f"{path} already exists: choose another name")
    if not path.parent.is_dir():
        raise FeatureError(f"there is no folder {path.parent} for {path.name}")
    title = " ".join(re.split(r"[\s_-]+", path.stem)).capitalize()
    path.write_text(TEMPLATE.format(title=title), encoding="utf-8")
    print(path)
    return 0


def _file_name(name: str) -> str:
    if "/" in name or os.sep in name:
        raise FeatureError(f"{name} is neither a name nor the path of a .feature file")
    words = re.findall(r"[a-z0-9]+", name.lower())
    if not words:
        raise FeatureError(f'"{name}" cannot be used as a file name: write a word such as rebuild')
    return "_".join(words)
