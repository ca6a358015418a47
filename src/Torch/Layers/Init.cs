namespace Colony.Torch;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// First values of parameters, drawn from the seeded generator with PyTorch's arithmetic, so that one seed
        /// gives the values that PyTorch gives. All fill in place and record nothing.
        /// </summary>
        public static class init
        {
            /// <summary>Evenly from [a, b).</summary>
            public static Tensor uniform_(Tensor tensor, double a = 0, double b = 1)
            {
                using var mode = no_grad();
                return tensor.uniform_(a, b);
            }

            /// <summary>Normally.</summary>
            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1)
            {
                using var mode = no_grad();
                return tensor.normal_(mean, std);
            }

            /// <summary>One number everywhere.</summary>
            public static Tensor constant_(Tensor tensor, Scalar value)
            {
                using var mode = no_grad();
                return tensor.fill_(value);
            }

            /// <summary>Zeros.</summary>
            public static Tensor zeros_(Tensor tensor) => constant_(tensor, 0);

            /// <summary>Ones.</summary>
            public static Tensor ones_(Tensor tensor) => constant_(tensor, 1);

            /// <summary>
            /// Evenly within sqrt(6 / (fan_in + fan_out)) times the gain (Glorot and Bengio 2010, eq. 16).
            /// </summary>
            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                var (fanIn, fanOut) = CalculateFans(tensor);
                var std = gain * Math.Sqrt(2.0 / (fanIn + fanOut));
                var bound = Math.Sqrt(3.0) * std;
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>
            /// Evenly within sqrt(6 / ((1 + a^2) fan_in)) (He et al. 2015); a = sqrt(5) is the default of linear and
            /// convolution layers in PyTorch.
            /// </summary>
            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0)
            {
                var (fanIn, _) = CalculateFans(tensor);
                var std = Math.Sqrt(2.0 / (1 + (a * a))) / Math.Sqrt(fanIn);
                var bound = Math.Sqrt(3.0) * std;
                return uniform_(tensor, -bound, bound);
            }

            /// <summary>Inputs and outputs of one weight [out, in, kernel...].</summary>
            /// <exception cref="ArgumentException">The tensor has fewer than two dimensions.</exception>
            internal static (long FanIn, long FanOut) CalculateFans(Tensor tensor)
            {
                var shape = tensor.shape;
                if (shape.Length < 2)
                {
                    throw new ArgumentException($"{tensor} has no inputs and outputs to count", nameof(tensor));
                }

                var receptive = shape.Skip(2).Aggregate(1L, (product, size) => product * size);
                return (shape[1] * receptive, shape[0] * receptive);
            }

            /// <summary>Weight, then bias, as Linear and convolutions in PyTorch reset themselves.</summary>
            internal static void ResetLinear(Tensor weight, Tensor? bias)
            {
                kaiming_uniform_(weight, Math.Sqrt(5));
                if (bias is not null)
                {
                    var bound = 1 / Math.Sqrt(CalculateFans(weight).FanIn);
                    uniform_(bias, -bound, bound);
                }
            }
        }
    }
}
