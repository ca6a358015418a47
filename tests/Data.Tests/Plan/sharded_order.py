"""The sharded order of an epoch, from the definition in Plan's comment alone.

usage: sharded_order.py SEED EPOCH BATCH RANKS WINDOW SIZE...
"""
import sys

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
TAG = 0x7368617264


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def key(*words):
    k = mix((len(words) + GAMMA) & MASK)
    for word in words:
        turned = ((k << 23) | (k >> 41)) & MASK
        k = mix(turned ^ mix((word + GAMMA) & MASK))
    return k


class Stream:
    def __init__(self, *words):
        self.key, self.counter = key(*words), 0

    def next(self):
        self.counter += 1
        return mix((self.key + self.counter * GAMMA) & MASK)

    def below(self, bound):
        while True:
            wide = self.next() * bound
            if (wide & MASK) >= ((1 << 64) - bound) % bound:
                return wide >> 64

    def shuffled(self, items):
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items


def order(seed, epoch, batch, ranks, window, sizes):
    begins = [sum(sizes[:i]) for i in range(len(sizes))]
    shards = Stream(TAG, seed, epoch).shuffled(range(len(sizes)))
    places = [(at, begins[s] + k) for at, s in enumerate(shards) for k in range(sizes[s])]
    total, segments, cut = len(places), [], 0
    for rank in range(ranks):
        size = (total + ranks - 1 - rank) // ranks
        part, cut = places[cut:cut + size], cut + size
        segment = []
        for number in range(len(sizes)):
            inside = [s for at, s in part if (at - part[0][0]) // window == number]
            segment += Stream(TAG, seed, epoch, rank, number).shuffled(inside)
        segments.append(segment)
    taken = []
    for begin in range(0, total, batch):
        end = min(begin + batch, total)
        for rank, segment in enumerate(segments):
            taken += segment[(begin + ranks - 1 - rank) // ranks:(end + ranks - 1 - rank) // ranks]
    return taken


if __name__ == "__main__":
    seed, epoch, batch, ranks, window, *sizes = map(int, sys.argv[1:])
    print(order(seed, epoch, batch, ranks, window, sizes))
