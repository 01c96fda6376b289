"""Pictures for questions, hints and worked steps: small pure functions from numbers to SVG.

`PICTURES` maps the names that bank files use to functions. Each takes what writes a value for pupils and the values of
the picture, and returns the drawing and the values for the sentence of the bank that says what there is to see.
"""

from collections.abc import Callable, Mapping

from item_banks.pictures.algebra import letter_area, letter_bars
from item_banks.pictures.angles import protractor, protractor_between
from item_banks.pictures.bars import (
    array,
    bar_model,
    cut_bar,
    fraction_bars,
    groups,
    hundred,
    part_of_part,
    shaded_bar,
    times_bars,
)
from item_banks.pictures.charts import bar_chart, coin_row, coins, grid_points, picture_graph, table
from item_banks.pictures.columns import column_add, column_divide, column_multiply, column_subtract
from item_banks.pictures.displays import box_plot, histogram, pie_chart
from item_banks.pictures.lines import arrow_line, clock, fraction_line, number_line, ruler, scale_line, time_line
from item_banks.pictures.places import area_model, blocks, place_chart, written
from item_banks.pictures.plane import plane_points, ray
from item_banks.pictures.plots import line_plot
from item_banks.pictures.properties import joined_rectangles, marked_shapes, way_around, way_around_regular
from item_banks.pictures.shapes import (
    angle,
    box,
    l_shape,
    parallelogram,
    polygon,
    polygons,
    rectangle,
    symmetry,
    triangle,
)
from item_banks.pictures.solids import house, net, net_of_pyramid, trapezoid
from item_banks.pictures.svg import Picture

__all__ = ["PICTURES", "Picture"]

PICTURES: Mapping[str, Callable[..., Picture]] = {
    each.__name__: each
    for each in (
        *(array, bar_model, cut_bar, fraction_bars, groups, hundred, part_of_part, shaded_bar, times_bars),
        *(bar_chart, coin_row, coins, grid_points, picture_graph, table),
        *(box_plot, histogram, pie_chart),
        *(column_add, column_divide, column_multiply, column_subtract),
        *(letter_area, letter_bars, protractor, protractor_between),
        *(house, line_plot, net, net_of_pyramid, plane_points, ray, trapezoid),
        *(arrow_line, clock, fraction_line, number_line, ruler, scale_line, time_line),
        *(joined_rectangles, marked_shapes, way_around, way_around_regular),
        *(area_model, blocks, place_chart, written),
        *(angle, box, l_shape, parallelogram, polygon, polygons, rectangle, symmetry, triangle),
    )
}
"""Name in a bank file -> function."""
