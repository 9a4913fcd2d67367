"""The sequence model, as core/src/sequence runs it: BEGIN, item, item, ... -> a vector in factor space at every row."""

import math

import torch
from torch import nn
from torch.nn import functional as F

EPSILON = 1e-12


class Block(nn.Module):
    """Post-norm BERT block, causal."""

    def __init__(self, channels, heads, feed_forward, dropout):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.out = (nn.Linear(channels, channels) for _ in range(4))
        self.norm1, self.norm2 = (nn.LayerNorm(channels, EPSILON) for _ in range(2))
        self.up, self.down = nn.Linear(channels, feed_forward), nn.Linear(feed_forward, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, h):
        batch, rows, channels = h.shape
        q, k, v = (
            linear(h).view(batch, rows, self.heads, -1).transpose(1, 2) for linear in (self.query, self.key, self.value)
        )
        a = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(batch, rows, channels)
        h = self.norm1(h + self.dropout(self.out(a)))
        return self.norm2(h + self.dropout(self.down(F.gelu(self.up(h)))))


class Sequence(nn.Module):
    def __init__(self, config, dropout=0.0):
        super().__init__()
        self.config = config
        width, channels = config["factors"] + config["text"], config["channels"]
        self.begin = nn.Parameter(torch.zeros(width))
        self.absent = nn.Parameter(torch.zeros(config["text"])) if config["text"] else None
        self.input, self.norm = nn.Linear(width, channels), nn.LayerNorm(channels, EPSILON)
        self.layer = nn.ModuleList(
            Block(channels, config["heads"], config["feed_forward"], dropout) for _ in range(config["layers"])
        )
        self.head = nn.Linear(channels, config["factors"])
        self.popularity = nn.Parameter(torch.tensor(config["popularity"]))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.begin, std=0.02)
        nn.init.normal_(self.head.weight, std=0.5 / math.sqrt(channels))
        nn.init.zeros_(self.head.bias)

    def forward(self, factors, text=None, has_text=None):
        """factors [B, n, d], text [B, n, e], has_text bool [B, n] -> u [B, n + 1, d]."""
        x = factors * self.config["factor_scale"]
        if self.absent is not None:
            absent = self.absent.expand(*x.shape[:2], -1)
            t = absent if text is None else torch.where(has_text[..., None], text, absent)
            x = torch.cat([x, t], -1)
        x = torch.cat([self.begin.expand(len(x), 1, -1), x], 1)
        h = self.dropout(self.norm(self.input(x)))
        for block in self.layer:
            h = block(h)
        return self.head(h)


def make_config(factors, text, channels, layers, heads, **more):
    return {
        "factors": factors,
        "text": text,
        "channels": channels,
        "layers": layers,
        "heads": heads,
        "feed_forward": 4 * channels,
        "max_items": 128,
        "factor_scale": 1.0,
        "popularity": math.log(2),  # ln(1 + listeners) to begin with
        "layer_norm_epsilon": EPSILON,
        **more,
    }
