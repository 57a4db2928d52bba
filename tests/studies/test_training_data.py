"""Data of small trainings are what they are called, and their two halves differ."""

import re

import torch

from stability.studies import training_data as data


def test_sentences_follow_their_grammar_and_every_word_comes():
    text = "".join(data.SIGNS[each] for each in data.sentences(300, 3).tolist())
    adjective, noun, verb = ("|".join(words) for words in (data.ADJECTIVES, data.NOUNS, data.VERBS))
    sentence = re.compile(rf"the ({adjective}) ({noun}) ({verb}) the ({noun})\. ")
    assert len(sentence.findall(text)) == 300
    assert sentence.sub("", text) == ""
    assert {*data.ADJECTIVES, *data.NOUNS, *data.VERBS} <= {*re.findall(r"\w+", text)}
    assert not torch.equal(data.sentences(30, 0), data.sentences(30, 1)[: len(data.sentences(30, 0))])


def test_digit_images_are_the_digits_in_rows_of_eight():
    x, y, u, v = data.digit_images()
    flat, labels, _, _ = data.digits_split()
    assert x.shape == (1527, 1, 8, 8)
    assert u.shape == (270, 1, 8, 8)
    assert torch.equal(y, labels)
    assert len(v) == 270
    assert abs(float(x.mean())) < 1e-5
    assert abs(float(x.std()) - 1) < 1e-5
    restored = x.view(-1, 64) * flat.std() + flat.mean()
    assert torch.allclose(restored, flat, atol=1e-5)


def test_a_third_of_the_labels_are_drawn_anew_and_those_to_score_with_are_not():
    _, y, _, v = data.noisy_labels()
    _, clean, _, labels = data.digit_images()
    assert torch.equal(v, labels)
    assert 0.25 < float((y != clean).double().mean()) < 0.34


def test_reversed_sequences_are_reversed():
    x, y, u, v = data.reversed_sequences()
    assert x.shape == (1600, 8)
    assert u.shape == (400, 8)
    assert torch.equal(x[:, 0], y[:, -1])
    assert torch.equal(u[:, 3], v[:, 4])


def test_the_noisy_function_has_the_noise_that_it_is_given_and_none_to_score_with():
    x, y, u, v = data.noisy_function()

    def function(points):
        return torch.sin(points[:, :1]) + points[:, 1:2] * points[:, 2:3] / 2 + points[:, 3:4].abs()

    assert torch.allclose(v, function(u))
    assert abs(float((y - function(x)).std()) - 0.5) < 0.03


def test_moons_are_two_half_circles():
    x, y, u, v = data.moons_split()
    for points, labels in ((x, y), (u, v)):
        centred = torch.where(labels > 0, points - torch.tensor([1.0, 0.5]), points)
        assert torch.allclose(centred.norm(dim=1), torch.ones(200), atol=1e-5)
        assert labels.sum() == 100
    assert not torch.equal(x, u)
