#!/usr/bin/env python3
"""Trains VSE++, VSE0, order embeddings or TERN on Flickr8k in plain PyTorch, to learn how far results move with the
seed: the published code was run with one. Written from the papers' formulas and the settings of configs/*-flickr8k.yaml;
shares no code with Colony. Needs Debian's python3-torch and python3-numpy.

    bench/twin.py order|vsepp|vse0|tern DATA SEED     DATA holds flickr8k/ and glove/

Prints the mean loss and the recall on dev of each epoch, then the recall on test: R@1/5/10, median and mean rank, image
to text and then text to image, and their sum.
"""
import math
import re
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import nn

BATCH, CLIP, CAPTIONS_PER_IMAGE = 128, 2.0, 5
IMAGES_AT_ONCE = 32  # times 5,000 captions of 512 values are 330 MB
SPLITS = ("train", "dev", "test")


def captions_of(folder):
    def tokens(line):
        return re.findall(r"[a-z0-9]+|[^\sa-z0-9]", line.lower())

    return {s: [tokens(line) for line in (folder / f"{s}_caps.txt").read_text().splitlines()] for s in SPLITS}


def unit(x):
    return x / x.pow(2).sum(1, keepdim=True).sqrt()


class Vse(nn.Module):
    """Faghri et al. 2018; the order similarity is the one of their code, with a root."""

    def __init__(self, kind, data):
        super().__init__()
        self.order, self.image_norm = kind == "order", kind != "vse0"
        folder = data / "flickr8k"
        captions = captions_of(folder)
        count = Counter(w for s in ("train", "dev") for caption in captions[s] for w in caption)
        words = ["<pad>", "<start>", "<end>", "<unk>"] + sorted(w for w, n in count.items() if n >= 4)
        ids = {w: i for i, w in enumerate(words)}
        self.captions = {s: [[1] + [ids.get(w, 3) for w in c] + [2] for c in captions[s]] for s in SPLITS}
        self.images = {
            s: unit(torch.from_numpy(np.load(folder / f"{s}_ims.npy").astype(np.float32))) for s in SPLITS}
        self.fc, self.embed = nn.Linear(1280, 512), nn.Embedding(len(words), 300)
        self.gru = nn.GRU(300, 512, batch_first=True)
        bound = math.sqrt(6.0 / (1280 + 512))
        self.fc.weight.data.uniform_(-bound, bound)
        self.fc.bias.data.zero_()
        self.embed.weight.data.uniform_(-0.1, 0.1)
        # In the order of the published code, which matters to nothing but the sums.
        self.learnt = [*self.embed.parameters(), *self.gru.parameters(), *self.fc.parameters()]

    def embed_images(self, features):
        x = self.fc(features)
        x = unit(x) if self.image_norm else x
        return x.abs() if self.order else x

    def embed_captions(self, batch):
        lengths = torch.tensor([len(c) for c in batch])
        ids = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
        for row, caption in enumerate(batch):
            ids[row, :len(caption)] = torch.tensor(caption)
        packed = nn.utils.rnn.pack_padded_sequence(self.embed(ids), lengths, batch_first=True)
        states, _ = nn.utils.rnn.pad_packed_sequence(self.gru(packed)[0], batch_first=True)
        x = unit(states[torch.arange(len(batch)), lengths - 1])
        return x.abs() if self.order else x

    def scores(self, images, captions):
        if not self.order:
            return images @ captions.t()
        return torch.cat([
            -(captions.unsqueeze(0) - part.unsqueeze(1)).clamp(min=0).pow(2).sum(2).sqrt()
            for part in images.split(IMAGES_AT_ONCE)])


class Tern(nn.Module):
    """Messina et al. 2021, the joint encoder on pre-extracted features of both sides."""

    def __init__(self, data):
        super().__init__()
        folder, glove = data / "flickr8k", data / "glove"
        ids = {w: i for i, w in enumerate((glove / "glove300_f8k_words.txt").read_text().splitlines())}
        vectors = torch.from_numpy(np.load(glove / "glove300_f8k.npy").astype(np.float32))
        self.vectors, self.zero = torch.cat([vectors, torch.zeros(1, 300)]), len(vectors)
        captions = captions_of(folder)
        self.captions = {
            s: [[self.zero] + [ids.get(w, self.zero) for w in c] for c in captions[s]] for s in SPLITS}
        self.images = {
            s: torch.from_numpy(np.load(folder / f"{s}_ims_grid36.npy").astype(np.float32)) for s in SPLITS}
        box = torch.from_numpy(np.load(folder / "grid36_boxes.npy").astype(np.float32))
        area = ((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1])).view(-1, 1)
        self.boxes = torch.cat([torch.zeros(1, 5), torch.cat([box, area], 1)])
        self.place = nn.Sequential(nn.Linear(261, 256), nn.ReLU(), nn.Linear(256, 256))
        self.regions = self.layers(2)
        self.from_image, self.from_text, self.joint = nn.Linear(256, 256), nn.Linear(300, 256), self.layers(1)
        self.learnt = list(self.parameters())

    @staticmethod
    def layers(count):
        return nn.TransformerEncoder(nn.TransformerEncoderLayer(256, 4, 256, 0.1, "relu"), count)

    def embed_images(self, features):
        x = torch.cat([torch.zeros(len(features), 1, 256), features], 1)
        x = self.place(torch.cat([x, self.boxes.expand(len(features), 37, 5)], 2)).transpose(0, 1)
        return unit(self.joint(self.from_image(self.regions(x)))[0])

    def embed_captions(self, batch):
        longest = max(len(c) for c in batch)
        ids = torch.full((len(batch), longest), self.zero, dtype=torch.long)
        padding = torch.ones(len(batch), longest, dtype=torch.bool)
        for row, caption in enumerate(batch):
            ids[row, :len(caption)] = torch.tensor(caption)
            padding[row, :len(caption)] = False
        x = self.from_text(self.vectors[ids]).transpose(0, 1)
        return unit(self.joint(x, src_key_padding_mask=padding)[0])

    @staticmethod
    def scores(images, captions):
        return images @ captions.t()


def hinges(scores, margin, hardest):
    own = scores.diag().view(-1, 1)
    same = torch.eye(len(scores), dtype=torch.bool)
    captions = (margin + scores - own).clamp(min=0).masked_fill(same, 0)
    images = (margin + scores - own.t()).clamp(min=0).masked_fill(same, 0)
    if hardest:
        return captions.max(1)[0].sum() + images.max(0)[0].sum()
    return captions.sum() + images.sum()


@torch.no_grad()
def recall(model, split):
    model.eval()
    features, captions = model.images[split], model.captions[split]
    images = torch.cat([model.embed_images(features[k:k + 100]) for k in range(0, len(features), 100)])
    texts = torch.zeros(len(captions), images.shape[1])
    by_length = sorted(range(len(captions)), key=lambda i: -len(captions[i]))
    for k in range(0, len(captions), 250):
        texts[by_length[k:k + 250]] = model.embed_captions([captions[i] for i in by_length[k:k + 250]])
    scores = model.scores(images, texts)
    model.train()
    column = torch.arange(len(captions))
    own = scores[column // CAPTIONS_PER_IMAGE, column]
    text_to_image = (scores > own.unsqueeze(0)).sum(0)
    best = own.view(-1, CAPTIONS_PER_IMAGE).max(1)[0]
    image_to_text = (scores > best.unsqueeze(1)).sum(1)
    total, told = 0.0, []
    for ranks in (image_to_text.numpy(), text_to_image.numpy()):
        at = [100.0 * (ranks < k).mean() for k in (1, 5, 10)]
        total += sum(at)
        told.append("{:.1f} / {:.1f} / {:.1f}, {}, {:.1f}".format(
            *at, math.floor(np.median(ranks)) + 1, ranks.mean() + 1))
    return f"{told[0]}; {told[1]}; Rsum {total:.1f}"


def main(kind, data, seed):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    model = Tern(Path(data)) if kind == "tern" else Vse(kind, Path(data))
    epochs, rate, drop_after, warm_up, margin, sums = {
        "order": (5, 1e-3, 4, 0, 0.05, 5), "vsepp": (15, 2e-4, 12, 0, 0.2, 0), "vse0": (7, 2e-4, 5, 0, 0.2, 7),
        "tern": (5, 4e-4, 5, 200, 0.2, 2)}[kind]
    print(f"{kind}, seed {seed}, {sum(p.numel() for p in model.learnt)} parameters", flush=True)
    optimizer, step, model = torch.optim.Adam(model.learnt, lr=rate), 0, model.train()
    images, captions = model.images["train"], model.captions["train"]
    for epoch in range(epochs):
        order, total, began = random.permutation(len(captions)), 0.0, time.process_time()
        for k in range(0, len(order), BATCH):
            warm = min(1.0, (step + 2) / warm_up) if warm_up else 1.0
            optimizer.param_groups[0]["lr"] = rate * warm * 0.1 ** (epoch // drop_after)
            batch = sorted(order[k:k + BATCH], key=lambda i: -len(captions[i]))
            scores = model.scores(
                model.embed_images(images[[i // CAPTIONS_PER_IMAGE for i in batch]]),
                model.embed_captions([captions[i] for i in batch]))
            loss = hinges(scores, margin, hardest=epoch >= sums)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.learnt, CLIP)
            optimizer.step()
            step += 1
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(order):.2f}, dev {recall(model, 'dev')}, "
              f"{time.process_time() - began:.0f} s", flush=True)
    print(f"test: {recall(model, 'test')}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("order", "vsepp", "vse0", "tern") or not sys.argv[3].isdigit():
        sys.exit("usage: bench/twin.py order|vsepp|vse0|tern DATA SEED")
    if not (Path(sys.argv[2]) / "flickr8k").is_dir():
        sys.exit(f"{sys.argv[2]}: holds no folder flickr8k; name the folder above it")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
