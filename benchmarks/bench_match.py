"""Matching, against what other tools do: a regular expression a keyword, for each reader and paper."""

import re
from random import Random

from benchmarks.measure import medians, tell
from digestd.matching import PaperIndex, compile_profile
from digestd.model.paper import Paper, PaperId
from digestd.model.subscriber import Profile

PAPERS, READERS, KEYWORDS, WORDS = 400, 100, 8, 160


def made_up(chance: Random) -> tuple[list[Paper], list[Profile]]:
    """Return papers of invented words, whose frequencies fall as in language, and profiles of two-word phrases."""
    letters = "abdefghiklmnoprstuvw"
    vocabulary = ["".join(chance.choices(letters, k=chance.randint(4, 9))) for _ in range(12_000)]
    weights = [1 / rank for rank in range(2, len(vocabulary) + 2)]

    def text(length: int) -> str:
        return " ".join(chance.choices(vocabulary, weights, k=length))

    papers = [Paper(PaperId(f"id:{number}"), text(10), text(WORDS)) for number in range(PAPERS)]
    titles = [paper.title.split() for paper in papers]
    phrases = [" ".join(chance.choice(titles)[3:5]) for _ in range(READERS * KEYWORDS)]
    profiles = [Profile(f"{number}", tuple(phrases[number * KEYWORDS :][:KEYWORDS])) for number in range(READERS)]
    return papers, profiles


def main() -> None:
    """Tell how many times less CPU digestd needs than the loop, index and parsing included."""
    papers, profiles = made_up(Random(1))
    texts = {paper.id: f"{paper.title}\n{paper.abstract}" for paper in papers}

    def ours() -> set[tuple[str, str]]:
        index = PaperIndex(papers)
        return {(profile.name, match.paper) for profile in profiles for match in index.matches(compile_profile(profile))}

    def loop() -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for profile in profiles:
            patterns = [re.compile(rf"\b{re.escape(keyword)}\b", re.IGNORECASE) for keyword in profile.keywords]
            found |= {(profile.name, id_) for id_, text in texts.items() if any(one.search(text) for one in patterns)}
        return found

    assert loop() <= ours()
    spent = medians({"digestd": ours, "loop": loop}, rounds=3)
    pairs = PAPERS * READERS / spent["digestd"]
    ratio = spent["loop"] / spent["digestd"]
    tell(f"match     {PAPERS} papers × {READERS} profiles: {ratio:.1f} times less CPU than a regex loop; {pairs:,.0f} pairs/s")


if __name__ == "__main__":
    main()
