// Torch's generator and the count of live tensors belong to the process: tests that use them cannot run side by side.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
