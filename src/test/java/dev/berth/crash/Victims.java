package dev.berth.crash;

import dev.berth.testing.TestBed;
import java.nio.file.Path;

/** The volumes of one backend: what differs between backends when Berth is killed under them. */
interface Victims {
  /** Volumes on devices, whatever is behind those. */
  Victims BLOCK =
      new Victims() {
        @Override
        public Path data(TestBed bed, String volume) {
          return bed.data(volume);
        }

        @Override
        public void check(Subject volume) {
          volume.close();
          volume.knownSource().ifPresent(source -> new Aftermath(source).awaitSettled());
          new Aftermath(volume).check();
          volume.knownSource().ifPresent(source -> new Aftermath(source).check());
        }
      };

  /** Where the files of a mounted volume are. */
  Path data(TestBed bed, String volume);

  /** Looks at a volume after Berth was killed and started again, and then uses it. */
  void check(Subject volume);

  /** A volume that is not made yet. */
  default Subject subject(TestBed bed, String name) {
    return new Subject(bed, name, data(bed, name));
  }
}
