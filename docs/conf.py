"""Settings of the documentation site; `make docs` builds it into docs/_build/html, without network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "extensions")]

from stability import __version__  # noqa: E402

project = "stability"
author = "the authors of stability"
project_copyright = author
version = release = __version__

extensions = [
    "generated_pages",
    "mathml",
    "reports",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "myst_nb",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "jupyter_execute", "gallery/*.ipynb", "gallery/*.zip", "gallery/*.py", "gallery/*.json"]
highlight_language = "none"  # for indented blocks; fences name their language
suppress_warnings = [
    "config.cache",  # settings that hold functions: the site is built anew
    "ref.python",  # attributes of one name in several classes, named in prose
    "myst.xref_missing",  # links to sources outside docs/ that README and pages share; tests/test_docs.py resolves them
]

# Pages and notebooks
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

# API reference
autosummary_generate = True
autodoc_member_order = "groupwise"
autodoc_typehints = "none"  # the docstrings have types, shapes and units
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False
nitpick_ignore_regex = [("py:(class|exc|obj)", ".*")]  # types are words there: "array (n, d)", "callable, optional"
maximum_signature_line_length = 90
add_module_names = False

# Gallery: see extensions/generated_pages.py
sphinx_gallery_conf = {
    "examples_dirs": "_build/figures",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/run_",
    "run_stale_examples": True,  # what a script draws may change without the script
    "image_scrapers": ("generated_pages.collect_figure",),
    "reset_modules": ("generated_pages.use_house_style",),
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1e9,
    "write_computation_times": False,
    "within_subsection_order": "ExampleTitleSortKey",
    "thumbnail_size": (480, 336),
    "notebook_extensions": set(),
}

# Looks
templates_path = ["templates"]
html_theme = "furo"
html_math_renderer = "mathml"
html_title = "stability"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_show_search_summary = False  # it would fetch pages, which browsers refuse for files
html_show_sphinx = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "github-dark"
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5394",
        "color-brand-content": "#0b5394",
        "color-brand-visited": "#0b5394",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7cb8ee",
        "color-brand-content": "#7cb8ee",
        "color-brand-visited": "#7cb8ee",
    },
    "navigation_with_keys": True,
}
copybutton_prompt_text = r"^\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
