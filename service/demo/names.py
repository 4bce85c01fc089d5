"""Names of people who do not exist, and of nobody whom everyone knows."""

import hashlib
from random import Random
from typing import Final

from faker import Faker

# SHA-256, first 10 digits, of the names of leaders of state and Party and of ministers, past and present. Common names
# collide; the names themselves have no place beside a demonstration.
_DIGESTS: Final = (
    "000b178b73 06394b97a9 07b0571345 0914292022 0c7954fba1 0e49f815f5 101ee7fa00 12d9189df9 17b3714645 1a6ded82fb "
    "1af348597d 1b6432979b 1cb3333a20 22c7648845 23b99aaa4f 2bbd092dd6 2beb3b6d78 2f0b90bb59 3137991073 36ecbf49be "
    "3ad794c112 3ba18d7eee 3df3ea5c02 3f48653d11 4787347c88 48ab2d96df 49a83e44c0 4a09c98f35 4ba9e7bbb5 4bbab6b044 "
    "532738a7c7 53cd5b9a8f 544f38c958 54f5966067 589da7ab4d 5c4478725a 5f870ef57d 61a40d8f12 62431bd965 62f08392f5 "
    "6357ebf7da 6433ee9fcd 6a44a4223f 6b3b9edecc 6fccc162a3 737d0f321b 7525c26282 75a5f790dc 76d3d43fe6 7aea5f594e "
    "7cbcf9895e 80f113d3cf 81d7cf8931 83470349c8 838aca46dd 881d521465 89d1f92b7a 919512dd52 92a054e84d 96513d1282 "
    "97a2383fa0 97fc2546ad 9a9574d705 9b4375ade5 9ffa41400f a067d6e36d a16c7d5157 a3ab88649a a6a58ff720 a6fd1fc429 "
    "a8817335ab a9f0c6e872 ac2e5da71c af73757d90 afea31932b b09b6caa46 b1baa40d0f b3eea8a2a4 b4f47cb068 b5d95b222f "
    "b6413e1a90 b7a17b4370 bb104e06a4 bc1e859b37 c1cb5d33cf c433139ba7 c8021115e0 c837b1efc1 cd9979ccc5 d385a4655c "
    "d56d550892 d5ea3bd4af d6aac9f109 da4c6cfe39 de077a6aff de763ced07 df6e95939a dff0d74ad1 e066c1470c e1b9261fda "
    "e65897294f e75a65c8e2 e8861fa1e5 ea90fdac7a ede9ff0718 f356017055 f47c279ddd f57195c736 f8b94f90b3 f9069cd01a "
    "f9f65265f0 fe05e37824 fe4eed96b9"
)
_WELL_KNOWN: Final = frozenset(_DIGESTS.split())


class Names:
    """Gives out Chinese names of two or three characters, each only once."""

    def __init__(self, random: Random, taken: set[str]) -> None:
        """Draw from `random`; names in `taken` are not given out."""
        # An instance of its own: a shared Faker would let other users change what comes next.
        self._faker = Faker("zh_CN")
        self._faker.seed_instance(random.getrandbits(64))
        self._taken = set(taken)

    def name(self, *, female: bool) -> str:
        """Return a new name."""
        while True:
            given = self._faker.first_name_female() if female else self._faker.first_name_male()
            name = f"{self._faker.last_name()}{given}"
            if len(name) <= 3 and name not in self._taken and not is_well_known(name):
                self._taken.add(name)
                return name


def is_well_known(name: str) -> bool:
    """Return whether a leader of state, of the Party or of a ministry bears or bore this name."""
    return hashlib.sha256(name.encode()).hexdigest()[:10] in _WELL_KNOWN
