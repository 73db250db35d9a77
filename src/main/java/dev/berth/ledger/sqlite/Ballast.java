package dev.berth.ledger.sqlite;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.jboss.logging.Logger;

/**
 * A file beside the ledger that takes space while there is some, so that there is some for the
 * ledger when the disk is full. It is given up in pieces: whoever filled the disk goes on writing
 * and may take what becomes free before the ledger does.
 */
final class Ballast {
  private static final Logger LOG = Logger.getLogger(Ballast.class);
  private static final int PIECE = 1 << 20;
  private static final int PIECES = 8;

  /** It is made, and made whole again, only where much more than it takes is free. */
  private static final long PLENTY = 4L * PIECES * PIECE;

  private final Path file;

  Ballast(Path ledger) {
    file = ledger.resolveSibling(ledger.getFileName() + "-reserve");
  }

  /** Frees a piece of it; whether there was one is returned. */
  boolean giveUp() {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      long left = open.length();
      if (left == 0) {
        return false;
      }
      open.setLength(Math.max(0, left - PIECE));
      open.getFD().sync();
      LOG.warnf("the disk of %s is full: the ledger uses space that was kept for it", file);
      return true;
    } catch (IOException e) {
      LOG.warnf("the space that was kept for the ledger cannot be given up: %s", e.getMessage());
      return false;
    }
  }

  /** Makes what is missing of it, if there is plenty of space. What fails is left for later. */
  void restore() {
    try {
      long there = Files.exists(file) ? Files.size(file) : 0;
      long whole = (long) PIECES * PIECE;
      if (there < whole && isRoomy()) {
        fill(there, whole);
      }
    } catch (IOException e) {
      LOG.debugf("no space can be kept for the ledger: %s", e.getMessage());
    }
  }

  /** Whether there is plenty of space. */
  boolean isRoomy() throws IOException {
    return Files.getFileStore(file.getParent()).getUsableSpace() >= PLENTY;
  }

  /** With what no filesystem can compress. */
  private void fill(long from, long to) throws IOException {
    SplittableRandom random = new SplittableRandom();
    byte[] bytes = new byte[PIECE / PIECES];
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(from);
      while (open.getFilePointer() < to) {
        random.nextBytes(bytes);
        open.write(bytes, 0, (int) Math.min(bytes.length, to - open.getFilePointer()));
      }
    }
  }

  /** Whether the disk has no space, so that a failure that does not say so may come from that. */
  boolean isDiskFull() {
    try {
      return Files.getFileStore(file.getParent()).getUsableSpace() < PIECE;
    } catch (IOException e) {
      return false;
    }
  }
}
