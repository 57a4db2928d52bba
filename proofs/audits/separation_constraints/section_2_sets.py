"""The claims of section 2, Eq. 1 to 6: the sets in which units and layers are affine, dead, or neither."""

from stability import AllOf, Claim, Exists, ForAll, Not, Repair
from stability.audit.layer_statements import affine, relu, reluing

from .vocabulary import pairs, part

INTERZONE = "interzone_is_neither_open_nor_closed"

IMAGES = "images_of_the_parts_of_a_layer"


SETS = [
    Claim(
        "layer-is-a-sum-of-units",
        "2, Eq. 1",
        "As printed, with one fixed axis e_i, the components of a layer are its units.",
        statement=pairs(
            [], f"{relu('p')} + {relu('q')} == {relu('p')}", f"0*{relu('p')} + 0*{relu('q')} == {relu('q')}"
        ),
        because="All units are added up on one axis.",
        repair=Repair(
            "They are with the axis e_j of each unit.",
            pairs([], f"1*{relu('p')} + 0*{relu('q')} == {relu('p')}", f"0*{relu('p')} + 1*{relu('q')} == {relu('q')}"),
        ),
        weight="notation",
    ),
    Claim(
        "units-truncate",
        "2, Eq. 2",
        "A unit puts out the larger of 0 and w . x + b, which is affine where it is positive.",
        statement=ForAll(
            "z", [], [f"{relu('z')} >= 0", f"{relu('z')} >= z", f"{relu('z')}*({relu('z')} - z) == 0"], reluing()
        ),
        weight="notation",
    ),
    Claim(
        "upper-and-lower-partition",
        "2, Eq. 3",
        "Each point is either in the upper or in the lower part of a unit.",
        statement=AllOf(
            [
                ForAll(
                    "u v b x y",
                    [],
                    [[f"{affine('uv', 'b', 'xy')} {s} 0"] for s in (">", "<=")],
                    splits=["u*x + v*y + b"],
                ),
                Not(Exists("z", ["z > 0", "z <= 0"], samples=0)),
            ]
        ),
        weight="notation",
    ),
    Claim(
        "always-a-plane",
        "2, Eq. 4",
        "The pre-activation is 0 on a plane, of whichever weights and bias (read: for w = 0, b = 1 somewhere).",
        statement=Exists("x y", ["0*x + 0*y + 1 == 0"], samples=0),
        because="With w = 0 it is nowhere, or everywhere: the start from zero has no planes at all.",
        repair=Repair(
            "If w is not 0 it is 0 at the point p with |w|^2 p = -b w.",
            ForAll(
                "u v b p q",
                ["u**2 + v**2 > 0", "(u**2 + v**2)*p == -b*u", "(u**2 + v**2)*q == -b*v"],
                ["(u**2 + v**2)*(u*p + v*q + b) == 0"],
                try_at=[{"u": 1, "v": 0, "b": 0, "p": 0, "q": 0}],
                samples=0,
            ),
        ),
        weight="notation",
    ),
    Claim(
        "upper-is-a-half-space",
        "2",
        "The upper part of a unit is the positive half-space of its plane (read: some of it is always there, also "
        "for w = 0, b = 0).",
        statement=Exists("x y", ["0*x + 0*y + 0 > 0"], samples=0),
        because="For w = 0 it is everything or nothing.",
        repair=Repair(
            "If w is not 0 both sides are there: x + t w is on the positive side for large t, and on the negative for small.",
            ForAll(
                "u v b x y t",
                ["u**2 + v**2 > 0", f"t*(u**2 + v**2) > -({affine('uv', 'b', 'xy')})"],
                [f"{affine('uv', 'b', ('x + t*u', 'y + t*v'))} > 0"],
                try_at=[{**dict.fromkeys("bxyv", 0), "u": 1, "t": 1}],
                samples=0,
            ),
        ),
        weight="notation",
    ),
    Claim(
        "lower-is-a-closure",
        "2",
        "The lower part is the closure of the negative half-space (read: near each point of the lower part of any unit there "
        "are points where it is negative, also for w = 0, b = 0).",
        statement=Not(
            AllOf([ForAll("x y", [], ["0*x + 0*y + 0 <= 0"]), Not(Exists("x y", ["0*x + 0*y + 0 < 0"], samples=0))])
        ),
        because="For w = 0, b = 0, as at a start from zero, everything is lower and nothing negative.",
        repair=Repair(
            "It is if w is not 0: from a point of the lower part each step t > 0 along -w leads to negative values.",
            ForAll(
                "u v b x y t",
                ["u**2 + v**2 > 0", f"{affine('uv', 'b', 'xy')} <= 0", "t > 0"],
                [f"{affine('uv', 'b', ('x - t*u', 'y - t*v'))} < 0"],
                try_at=[{**dict.fromkeys("bxyv", 0), "u": 1, "t": 1}],
                samples=0,
            ),
        ),
        weight="notation",
    ),
    Claim(
        "affine-component-is-open",
        "2, Eq. 5",
        "The affine component of a layer is open.",
        statement=lambda: part(INTERZONE, 0),
        because="Around a point where w . x + b = z > 0 the unit is positive at all distances below z / |w|.",
        weight="notation",
    ),
    Claim(
        "zero-set-is-open",
        "2, Eq. 5",
        "The zero set of a layer is open (read: of the units x and y no step to the right from (0, -1) leaves it).",
        statement=lambda: Not(part(INTERZONE, 3)),
        because="It is closed: it contains its boundary.",
        repair=Repair(
            "The zero set is closed: a point outside is in some upper part, and with it all points nearby. From (0, -1), "
            "which is in the zero set of x and y, any step to the right leaves it.",
            lambda: part(INTERZONE, 0, 3),
        ),
        weight="notation",
    ),
    Claim(
        "affine-component-is-convex",
        "2, Eq. 5",
        "The affine component of a layer is convex.",
        statement=lambda: part(INTERZONE, 1),
        weight="notation",
    ),
    Claim(
        "zero-set-is-convex",
        "2, Eq. 5",
        "The zero set of a layer is convex.",
        statement=lambda: part(INTERZONE, 2),
        weight="notation",
    ),
    Claim(
        "not-always-bounded",
        "2, Eq. 5",
        "Affine component and zero set may be bounded, and need not be: of x, y, 1 - x - y the affine component is "
        "within a square, and of one unit x neither is.",
        statement=AllOf(
            [
                ForAll("x y", ["x > 0", "y > 0", "1 - x - y > 0"], ["0 < x < 1", "0 < y < 1"]),
                ForAll("x y", ["-x <= 0", "-y <= 0", "x + y - 1 <= 0"], ["0 <= x <= 1", "0 <= y <= 1"]),
                Exists("x m", ["x > m", "m > 0", "x > 0"]),
                Exists("x m", ["-x > m", "m > 0", "x <= 0"]),
            ]
        ),
        weight="notation",
    ),
    Claim(
        "interzone-is-closed",
        "2, Eq. 6",
        "The interzone is closed (read: of x and y the limit (0, -1) of its points is in it).",
        statement=lambda: Not(part(INTERZONE, 3)),
        because="That limit is in the zero set. The complement of an open and a closed set need be neither.",
        repair=Repair(
            "It need be neither closed nor open: of x and y it lacks the limit (0, -1) of its points, and points of the affine "
            "component come as near as one likes to (1, 0), which is in it.",
            lambda: part(INTERZONE, 3, 4),
        ),
        weight="notation",
    ),
    Claim(
        "interzone-is-not-convex",
        "2, Eq. 6",
        "The interzone is not convex (read: that of x and x - 1 has two points with a point between them that is not in it).",
        statement=Not(
            ForAll(
                "x y t",
                ["0 < x", "x - 1 <= 0", "0 < y", "y - 1 <= 0", "0 <= t", "t <= 1"],
                ["t*x + (1 - t)*y > 0", "t*x + (1 - t)*y - 1 <= 0"],
                try_at=[{"x": 1, "y": 1, "t": 0}],
                samples=0,
            )
        ),
        because="There it is the band 0 < x <= 1, and for a single unit it is empty.",
        repair=Repair(
            "It may be convex or not: that of x and y has (1, -1) and (-1, 1) without (0, 0) between them; that of x and x - 1 "
            "is the band 0 < x <= 1.",
            lambda: part(INTERZONE, 5, 6, 7),
        ),
        weight="notation",
    ),
    Claim(
        "interzone-sees-in-part",
        "2, Eq. 6",
        "In the interzone, and only there, some unit is on and another off.",
        statement=AllOf(
            [
                ForAll(
                    "p q",
                    [],
                    [["p > 0", "q > 0"], ["p <= 0", "q <= 0"], ["p > 0", "q <= 0"], ["p <= 0", "q > 0"]],
                    splits=["p", "q"],
                ),
                Not(Exists("p q", ["p > 0", "q <= 0", "q > 0"], samples=0)),
                Not(Exists("p q", ["p > 0", "q <= 0", "p <= 0"], samples=0)),
            ]
        ),
        weight="notation",
    ),
    Claim(
        "interzone-is-not-affine",
        "2, Eq. 6",
        "In the interzone a point is neither passed on as its pre-activations nor mapped to 0.",
        statement=pairs(
            ["p > 0", "q <= 0"], f"{relu('p')} != 0", f"({relu('p')} - p)**2 + ({relu('q')} - q)**2 > 0", p=1, q=0
        ),
        because="If the units that are off are off by 0, the output is the pre-activations, as in the affine component.",
        repair=Repair(
            "It is never mapped to 0, and not to its pre-activations unless the units that are off have a plane there.",
            AllOf(
                [
                    pairs(["p > 0", "q <= 0"], f"{relu('p')} > 0", p=1, q=0),
                    pairs(["p > 0", "q < 0"], f"{relu('q')} != q", p=1, q=-1),
                ]
            ),
        ),
        weight="ours",
    ),
    Claim(
        "outputs-are-not-negative",
        "2",
        "Layers map into the orthant without negative components.",
        statement=pairs([], f"{relu('p')} >= 0", f"{relu('q')} >= 0"),
        weight="notation",
    ),
    Claim(
        "affine-component-to-interior",
        "2",
        "A layer maps its affine component into the interior of the orthant.",
        statement=lambda: part(IMAGES, 0),
    ),
    Claim(
        "zero-set-to-origin",
        "2",
        "The image of the zero set is the set of the origin, in every layer (read: of x and 1 - x some point has it).",
        statement=lambda: Not(part(IMAGES, 6)),
        because="A zero set may be empty, as there.",
        repair=Repair(
            "Every point of the zero set is mapped to the origin, and no other is.",
            lambda: AllOf(
                [
                    part(IMAGES, 1),
                    pairs(["p > 0"], f"{relu('p')} + {relu('q')} > 0", p=1, q=0),
                    pairs(["q > 0"], f"{relu('p')} + {relu('q')} > 0", p=0, q=1),
                ]
            ),
        ),
    ),
    Claim(
        "interzone-onto-boundary",
        "2",
        "The image of the interzone is the boundary of the orthant (read: the origin, which is on it, is an image of a point "
        "with p > 0 >= q).",
        statement=Exists("p q", ["p > 0", "q <= 0", f"{relu('p')} == 0", f"{relu('q')} == 0"], reluing(), samples=0),
        because="The origin is no image, and others need not be.",
        repair=Repair(
            "Its image is in the boundary and without the origin; of x and x - 1 it is (x, 0) with 0 < x <= 1, so that (2, 0) "
            "and (0, 1) are missed.",
            lambda: part(IMAGES, 2, 3, 4, 5),
        ),
    ),
]
