# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.
"""The directives that print what a module of ``tools`` reads in the code."""

from docutils import nodes
from docutils import statemachine
from sphinx.util import docutils
from sphinx.util import nodes as sphinx_nodes

from tools import concerns
from tools import error_codes


class Printed(docutils.SphinxDirective):
    """Shows the lines of ``module``."""

    def run(self):
        lines = list(self.module.lines())
        text = statemachine.StringList(lines, source=self.module.__file__)
        holder = nodes.section()
        sphinx_nodes.nested_parse_with_titles(self.state, text, holder)
        return holder.children


class Concerns(Printed):
    """Lists all concerns."""

    module = concerns


class ErrorCodes(Printed):
    """Lists all error codes, one section for each subject."""

    module = error_codes


def setup(app):
    app.add_directive('concerns', Concerns)
    app.add_directive('error-codes', ErrorCodes)
    return {'parallel_read_safe': True}
