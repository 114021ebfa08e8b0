"""Word error rate of transcripts: Whisper's English normaliser on both sides, one row per clip.

    python wer.py HYPOTHESES.tsv REFERENCES [--limit 0.06]

HYPOTHESES.tsv holds lines of `id<TAB>text`; REFERENCES is a table with the columns id, text and perhaps seconds, or a
folder with such a `transcripts.tsv`. Clips without a reference are left out; a clip without a hypothesis counts as
wholly wrong; what is only spelt differently (a unit and its name, 9-1-1 and 911) counts as the same. Prints Markdown.
With `--limit`, fails above that rate.
"""

import argparse
import csv
import re
import sys
from pathlib import Path

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

# Whisper writes units now in full, now as symbols.
UNITS = {
    "mg": "milligrams",
    "mcg": "micrograms",
    "ml": "milliliters",
    "dl": "deciliter",
    "kg": "kilograms",
    "lb": "pounds",
    "lbs": "pounds",
    "mm": "millimeters",
    "bpm": "beats per minute",
}

# The same spoken words, which Whisper writes now this way, now that. Applied to both sides, before its normaliser, which
# would take "mm" for a hesitation and split numbers at their marks.
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
SPELLINGS = [
    (re.compile(r"\b(\d)-(\d)-(\d)\b"), r"\1\2\3"),  # 9-1-1, 911
    (re.compile(r"\b(\d{1,2}):(\d\d)\b"), r"\1\2"),  # 8:30, 830
    (re.compile(r"\b(\d{2,3})/(\d{2,3})\b"), r"\1 over \2"),  # 128/84, 128 over 84
    (re.compile(rf"\b({MONTHS}) (\d{{1,2}})(?:st|nd|rd|th)\b"), r"\1 \2"),  # June 3rd, June 3
    (re.compile(r"\bmm(?= of mercury)"), "millimeters"),
]


def rows(path, **options):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, **options))


def normalised(normaliser, text):
    for written, alike in SPELLINGS:
        text = written.sub(alike, text)
    return " ".join(UNITS.get(word, word) for word in normaliser(text).split())


def main():
    parser = argparse.ArgumentParser(description="Word error rate of transcripts.")
    parser.add_argument("hypotheses", type=Path)
    parser.add_argument("references", type=Path)
    parser.add_argument("--limit", type=float, help="fail above this rate")
    arguments = parser.parse_args()

    heard = {row["id"]: row["text"] or "" for row in rows(arguments.hypotheses, fieldnames=["id", "text"])}
    references = arguments.references
    table = references / "transcripts.tsv" if references.is_dir() else references
    normaliser = EnglishTextNormalizer()
    words = wrong = 0
    print("| clip | seconds | words | wrong | WER | heard |")
    print("|---|---:|---:|---:|---:|---|")
    for clip in rows(table):
        if not clip["text"]:
            continue
        reference = normalised(normaliser, clip["text"])
        hypothesis = normalised(normaliser, heard.get(clip["id"], ""))
        result = jiwer.process_words(reference, hypothesis)
        errors = result.substitutions + result.deletions + result.insertions
        total = result.hits + result.substitutions + result.deletions
        words += total
        wrong += errors
        text = heard.get(clip["id"], "(nothing)").replace("|", "\\|")
        print(f"| {clip['id']} | {clip.get('seconds', '')} | {total} | {errors} | {errors / total:.1%} | {text} |")
    if not words:
        sys.exit("no clip has a reference")
    print(f"| **all** | | {words} | {wrong} | **{wrong / words:.1%}** | |")
    if arguments.limit is not None and wrong > arguments.limit * words:
        sys.exit(f"word error above {arguments.limit:.1%}")


if __name__ == "__main__":
    main()
