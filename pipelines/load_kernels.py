"""How numba loads compiled kernels, without what only compiling them would need: a fifth of a second for ours.

This reaches into numba where it has no setting, and is done for the release that it was written for alone; with others
kernels load as numba has it. Where a kernel has to be compiled after all, numba brings in what it needs for that.
"""

from __future__ import annotations

import sys
from typing import Any, Final

_WRITTEN_FOR: Final = (0, 68)


def load_kernels_only() -> None:
    """To be called before numba is imported, in a process that is to run kernels from the cache."""
    _import_numba()
    import numba

    if numba.version_info.short == _WRITTEN_FOR:
        _load_without_context()
        _load_without_modules()
        _load_without_bitcode()


def _import_numba() -> None:
    """Import numba without YAML, in which it would look for settings, in the folder of the logs."""
    if "yaml" in sys.modules:
        return
    sys.modules["yaml"] = None  # type: ignore[assignment]
    try:
        import numba  # noqa: F401
    finally:
        del sys.modules["yaml"]


def _load_without_context() -> None:
    """Each load would refresh the typing context first, which imports and registers all that numba can compile."""
    from numba.core import caching
    from numba.core.runtime import rtsys

    def load(cache: Any, signature: Any, target: Any) -> Any:
        rtsys.initialize(target)
        with cache._guard_against_spurious_io_errors():
            return cache._load_overload(signature, target)

    caching.Cache.load_overload = load


def _load_without_modules() -> None:
    """Kernels that use numba's own functions would import their modules, for globals that no machine code looks up."""
    from numba.core import environment

    rebuild = environment._rebuild_env

    def rebuild_alone(module: str, constants: Any, name: str) -> Any:
        if module in sys.modules or not module.startswith("numba.") or environment.lookup_environment(name):
            return rebuild(module, constants, name)
        made = environment.Environment({"__name__": module})
        made.consts[:] = constants
        made.env_name = name
        environment.Environment._memo[name] = made
        return made

    environment._rebuild_env = rebuild_alone


def _load_without_bitcode() -> None:
    """A kernel's bitcode would be parsed too, and its hundreds of symbols be listed, to be asked for one of them."""
    from llvmlite import binding
    from numba.core import codegen

    codes: list[bytes] = []
    unserialize = codegen.JITCodeLibrary._unserialize.__func__
    link = codegen.JITCodeLibrary._get_module_for_linking

    def load(kind: Any, generator: Any, state: Any) -> Any:
        name, form, data = state
        if form != "object":
            return unserialize(kind, generator, state)
        library = generator.create_library(name)
        code, library.bitcode = data
        codes.append(code)
        library.enable_object_caching()
        library._set_compiled_object(code)
        library._finalize_final_module()
        return library

    def link_when_asked(library: Any) -> Any:
        if library._shared_module is None and hasattr(library, "bitcode"):
            library._shared_module = binding.parse_bitcode(library.bitcode)
        return link(library)

    def is_symbol_defined(engine: Any, name: str) -> bool:
        # Most often it is one of the kernel that was loaded last.
        return name in engine._defined_symbols or any(name.encode() in code for code in reversed(codes))

    codegen.JITCodeLibrary._unserialize = classmethod(load)
    codegen.JITCodeLibrary._get_module_for_linking = link_when_asked
    codegen.JitEngine.is_symbol_defined = is_symbol_defined
