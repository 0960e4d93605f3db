import sites
import verdicts

DOCTOR = """\
What cloud "staging" offers
| capability | offered | how |

What is missing, and how to provide it
1. it needs 3 hosts and may use 2
   list more as "hosts:" under "stocktake:" of the cloud
2. cloud "staging" is not a lab
   run this feature on the embedded lab: --cloud=lab
3. a scenario may exceed the quota of the project
   set "project: own" under "stocktake:" of the cloud
"""


def test_scenarios_with_the_same_reason_are_counted_together():
    done = sites.Run(
        0,
        "",
        {
            "a": 'unverified: cloud "staging" is not a lab; run this feature on the embedded lab: --cloud=lab',
            "b": 'unverified: cloud "staging" is not a lab; run this feature on the embedded lab: --cloud=lab',
            "c": "passed",
            "d": 'unverified: host "host3" has no room for 5 GB; free some',
            "e": 'unverified: host "host4" has no room for 7 GB; free some',
            "f": 'unverified: 256 of 300 MB are used; set "project: own" under "stocktake:" of the cloud',
        },
    )
    found = [(reason.count, reason.predicted) for reason in verdicts.reasons(done, DOCTOR)]
    assert found == [(2, "yes"), (2, "no"), (1, "may")]


def test_a_missing_right_was_foreseen_where_the_doctor_spoke_of_policies():
    done = sites.Run(0, "", {"a": "unverified: Policy doesn't allow x:y to be performed; allow rule x:y"})
    (reason,) = verdicts.reasons(
        done, DOCTOR + "| an administrator | yes | policies may still forbid some operations |\n"
    )
    assert reason.predicted == "may"
    (reason,) = verdicts.reasons(done, DOCTOR)
    assert reason.predicted == "no"


def test_failures_and_errors_are_bad():
    done = sites.Run(1, "", {"a": "failure", "b": "error", "c": "passed", "d": "unverified: so"})
    assert verdicts.bad(done) == ["a: failure", "b: error"]
