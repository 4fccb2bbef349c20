"""zenc, a compiler for data and ML pipelines. The program is a binary; this package is there for python -m zenc."""
