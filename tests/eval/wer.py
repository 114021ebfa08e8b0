"""Word error rate of transcripts: Whisper's English normaliser on both sides, one row per clip.

    python wer.py HYPOTHESES.tsv DATA_FOLDER [--limit 0.06]

HYPOTHESES.tsv holds lines of `id<TAB>text`; DATA_FOLDER a `transcripts.tsv` with the columns id, seconds and text.
Clips without a reference are left out; a clip without a hypothesis counts as wholly wrong. Prints Markdown. With
`--limit`, fails above that rate.
"""

import argparse
import csv
import sys
from pathlib import Path

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer


def rows(path, **options):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, **options))


def main():
    parser = argparse.ArgumentParser(description="Word error rate of transcripts.")
    parser.add_argument("hypotheses", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=float, help="fail above this rate")
    arguments = parser.parse_args()

    heard = {row["id"]: row["text"] or "" for row in rows(arguments.hypotheses, fieldnames=["id", "text"])}
    normalise = EnglishTextNormalizer()
    words = wrong = 0
    print("| clip | seconds | words | wrong | WER | heard |")
    print("|---|---:|---:|---:|---:|---|")
    for clip in rows(arguments.data / "transcripts.tsv"):
        if not clip["text"]:
            continue
        reference = normalise(clip["text"])
        hypothesis = normalise(heard.get(clip["id"], ""))
        result = jiwer.process_words(reference, hypothesis)
        errors = result.substitutions + result.deletions + result.insertions
        total = result.hits + result.substitutions + result.deletions
        words += total
        wrong += errors
        text = heard.get(clip["id"], "(nothing)").replace("|", "\\|")
        print(f"| {clip['id']} | {clip['seconds']} | {total} | {errors} | {errors / total:.1%} | {text} |")
    if not words:
        sys.exit("no clip has a reference")
    print(f"| **all** | | {words} | {wrong} | **{wrong / words:.1%}** | |")
    if arguments.limit is not None and wrong > arguments.limit * words:
        sys.exit(f"word error above {arguments.limit:.1%}")


if __name__ == "__main__":
    main()
