"""A Bybit made of scripts: answers by request, frames by scene, all in the wire's shape; no market of its own."""
