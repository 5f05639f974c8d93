// For --import: the process does without kernels (`TANDEM_KERNELS=js make test`).
import { chooseKernels } from "../../shared-logic/src/index.ts";

chooseKernels("js");
