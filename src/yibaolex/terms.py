"""IRIs of the core vocabulary and of the W3C vocabularies that the code walks.

Only terms that are free of any jurisdiction stand here; whatever belongs to one law is found by following these.
"""

from __future__ import annotations

from functools import cache

from pyoxigraph import NamedNode

CORE = "https://w3id.org/yibaolex/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SHACL = "http://www.w3.org/ns/shacl#"
PROV = "http://www.w3.org/ns/prov#"
SPDX = "http://spdx.org/rdf/terms#"

TYPE = NamedNode(RDF + "type")
VALUE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#value")
FIRST = NamedNode(RDF + "first")
REST = NamedNode(RDF + "rest")
NIL = NamedNode(RDF + "nil")
PART_OF = NamedNode("http://data.europa.eu/eli/ontology#is_part_of")
LABEL = NamedNode(RDFS + "label")
RANGE = NamedNode(RDFS + "range")
NOTATION = NamedNode(SKOS + "notation")
SHORT_LABEL = NamedNode(SKOS + "altLabel")
HIDDEN_LABEL = NamedNode(SKOS + "hiddenLabel")
DEFINITION = NamedNode(SKOS + "definition")
SOURCE = NamedNode("http://purl.org/dc/terms/source")
TITLE = NamedNode("http://purl.org/dc/terms/title")
LANGUAGE = NamedNode("http://purl.org/dc/terms/language")
VERSION = NamedNode(OWL + "versionIRI")

BOOLEAN = NamedNode(XSD + "boolean")
INTEGER = NamedNode(XSD + "integer")
DECIMAL = NamedNode(XSD + "decimal")
DOUBLE = NamedNode(XSD + "double")
DATE = NamedNode(XSD + "date")
STRING = NamedNode(XSD + "string")
HEX = NamedNode(XSD + "hexBinary")


@cache
def core(name: str) -> NamedNode:
    """The core term ``name``."""
    return NamedNode(CORE + name)


def owl(name: str) -> NamedNode:
    """The OWL term ``name``."""
    return NamedNode(OWL + name)


def shacl(name: str) -> NamedNode:
    """The SHACL term ``name``."""
    return NamedNode(SHACL + name)


def prov(name: str) -> NamedNode:
    """The PROV-O term ``name``."""
    return NamedNode(PROV + name)


def spdx(name: str) -> NamedNode:
    """The SPDX term ``name``."""
    return NamedNode(SPDX + name)
